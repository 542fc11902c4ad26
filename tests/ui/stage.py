"""A stage for the screens: the real app over a real trainer in the same thread, with a clock that nobody waits for.

Commands are carried out at once, a snapshot is delivered as soon as it is asked for, and training happens only when
a test says how many steps. So no test depends on timing.
"""

import asyncio
import pickle
import time
import unicodedata
from contextlib import asynccontextmanager

from rich.text import Text
from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.widgets import Input, OptionList, Static

from tinylm_tui.lab.commands import Command
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.process import packed, unpacked
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import starter
from tinylm_tui.lab.trainer import Trainer
from tinylm_tui.ui.app import LabApp
from tinylm_tui.ui.look import Look
from tinylm_tui.ui.widgets.canvas import Canvas
from tinylm_tui.ui.widgets.editor import Editor
from tinylm_tui.ui.widgets.keys_line import KeysLine

TEXT = "anna\nben\nnina\nbea\neve\nabe\nna\n"  # letters a b e i n v: tokens 1 to 6
TICK = 1 / 1024  # seconds between two looks at the clock, and so between two steps


class Clock:
    """Every look moves it on by one tick."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += TICK
        return self.now


class InlineLink:
    """What the app takes for `tinylm_tui.ui.link.Link`. Snapshots are pickled, as on their way through the pipe."""

    def __init__(self, trainer: Trainer):
        self.trainer, self.last = trainer, trainer.snapshot()
        self.sent: list[Command] = []
        self.closed = False

    def listen(self, arrived, lost):
        self.arrived, self.lost = arrived, lost
        self.ask()

    def send(self, command):
        self.sent.append(pickle.loads(pickle.dumps(command)))
        self.trainer.handle(self.sent[-1])
        while self.trainer.running and self.trainer.target is not None:
            self.trainer.work(1000 * TICK)
        self.ask()

    def ask(self):
        if self.trainer.version != self.last.version:
            parcel = pickle.dumps(packed(self.trainer.snapshot(), self.last.corpus_version))
            self.last = unpacked(pickle.loads(parcel), self.last)
            self.arrived(self.last)

    def train(self, steps):
        """Exactly so many steps of a run that was told to train, then a snapshot."""
        self.trainer.work((steps + 0.5) * TICK)
        self.ask()

    def next_frame_in(self):
        return 0.0

    def close(self, patience=0.5):
        self.closed = True

    kill = close


def new_trainer(text=TEXT, name="words", steps=0, **choices):
    """A paused trainer at that step, without a pace; `text` may name a starter text."""
    choices = {"pace": 0, **choices}
    if text in ("names", "story", "sentences"):
        one = starter(text)
        name, text, reading = one.name, one.text(), one.reading
    else:
        reading = choices.get("reading", "auto")
    settings = Settings(**choices)
    trainer = Trainer(Run(make_corpus(name, text, reading, cut_of(settings)), settings), Clock())
    if steps:
        trainer.start(steps)
        while trainer.running:
            trainer.work(1000 * TICK)
    return trainer


def new_snapshot(*args, **choices):
    """The moment such a trainer is at."""
    return new_trainer(*args, **choices).snapshot()


def key_event(key):
    """What the terminal sends for a key, as Textual names it."""
    key = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = key if len(key) == 1 else None
    return events.Key(key, character)


def waiting_of(app):
    """Who has something left to do, for the message of a test that never ends."""
    pumps = [app, *(pump for shown in app.screen_stack for pump in shown.walk_children(with_self=True))]
    busy = [(pump, pump._message_queue.qsize()) for pump in pumps if pump._message_queue.qsize()]
    return busy, app.screen._layout_required, app.screen._callbacks, app._batch_count


async def settled(app, rounds=8):
    """Wait until no widget has a message left to handle. (Pilot waits for an idle processor: 40 ms a key at best.)"""
    quiet, began = 0, time.monotonic()
    while quiet < rounds and app.is_running:
        await asyncio.sleep(0)
        if time.monotonic() - began > 30:
            raise AssertionError(f"never settled: {waiting_of(app)}")
        screen = app.screen
        pumps = [app, *(pump for shown in app.screen_stack for pump in shown.walk_children(with_self=True))]
        waiting = any(pump._message_queue.qsize() or pump._next_callbacks for pump in pumps)
        if not waiting and (screen._layout_required or screen._dirty_widgets or screen._callbacks):
            screen._on_timer_update()
            waiting = True
        quiet = 0 if waiting else quiet + 1


class Lab:
    """The hands and the eyes of a test."""

    def __init__(self, app, pilot, link):
        self.app, self.pilot, self.link = app, pilot, link

    @property
    def run(self):
        """What the trainer really holds."""
        return self.link.trainer.run

    @property
    def snapshot(self):
        """What the screens show."""
        return self.app.snapshot

    @property
    def pane(self):
        """The screen in view."""
        return self.app.pane(self.app.tab)

    @property
    def editor(self):
        return self.app.query_one(Editor)

    @property
    def weights(self):
        """The bytes of all weights."""
        return self.run.params.flat.tobytes()

    @property
    def notices(self):
        """What stood in the corner, one sentence each, oldest first."""
        return [notice.message for notice in self.app._notifications]

    @property
    def offered(self):
        """The keys in the line at the bottom."""
        return self.app.query_one(KeysLine).offered

    async def press(self, *keys):
        for key in keys:
            self.app._driver.send_message(key_event(key))
            await settled(self.app)

    async def type(self, text):
        """Letter by letter, as a person would."""
        await self.press(*text)

    async def answer(self, text):
        """Put this into the field of the dialog in view, and press enter."""
        self.app.screen.query_one(Input).value = text
        await self.press("enter")

    async def resize(self, width, height):
        await self.pilot.resize_terminal(width, height)
        await settled(self.app)

    async def train(self, steps):
        """Let it make so many steps; it must have been told to train."""
        self.link.train(steps)
        await settled(self.app)

    async def pause(self):
        await settled(self.app)

    async def until(self, true):
        """Wait for something that happens by itself, at most ten seconds."""
        for _ in range(1000):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it did not happen within ten seconds {self.app.last_words}")

    @property
    def strips(self):
        """What the terminal would get, line by line."""
        return self.app.screen._compositor.render_strips()

    @property
    def lines(self):
        return [strip.text.rstrip() for strip in self.strips]

    @property
    def state(self):
        """The line that is the same on every screen."""
        return self.lines[self.app.query_one("#state").region.y]

    @property
    def text(self):
        """All that stands on the screen."""
        return "\n".join(self.lines)

    @property
    def prose(self):
        """The same, with line breaks as blanks: for sentences that are folded."""
        return " ".join(self.text.split())

    def drawn(self, selector):
        """What one canvas of the screen in view shows."""
        return "\n".join(strip.text.rstrip() for strip in self.pane.query_one(selector, Canvas)._lines)

    def starters(self):
        return self.app.query_one("#starters", OptionList)

    def error(self):
        """What the dialog in view has against the answer."""
        shown = self.app.screen.query_one(".error", Static).content
        return shown.plain if isinstance(shown, Text) else str(shown)

    @property
    def in_dialog(self):
        return len(self.app.screen_stack) > 1


@asynccontextmanager
async def open_lab(tab="corpus", size=(80, 24), look=None, trainer=None, **choices):
    """The running lab on that tab. `choices` as in `new_trainer`."""
    link = InlineLink(trainer or new_trainer(**choices))
    app = LabApp(link, link.last, look or Look())
    async with app.run_test(size=size, notifications=True) as pilot:
        lab = Lab(app, pilot, link)
        await settled(app)
        if tab != "corpus":
            await app.action_tab(tab)
            await settled(app)
        yield lab
