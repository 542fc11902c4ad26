"""A text that the model writes token by token while one looks on: play, pause, a step on, a step back."""

from __future__ import annotations

import os

from textual.timer import Timer

from tinylm_tui.lab.growing import Growing, back, forward, newest
from tinylm_tui.ui.dials import WARMEST, stepped
from tinylm_tui.ui.drawing.attention_growing import Told
from tinylm_tui.ui.panes.looking import LookingPane

SPEEDS = (2, 5, 10)  # tokens a second
STEPPED = "over ssh the text waits for you: . writes the next token, a lets it run"


class GrowingPane(LookingPane):
    """A screen that shows what a gpt computes on a text, and can let that text grow."""

    growing: Growing | None = None  # None: the text that was typed stands there alone
    temperature, dice, speed = 1.0, 0, 5
    _timer: Timer | None = None
    _vocabulary: tuple[str, ...] = ()  # whose ids the growing text has

    def grown(self) -> None:
        """The text has another token, or one less."""
        raise NotImplementedError

    @property
    def playing(self) -> bool:
        """Whether it writes by itself."""
        return self._timer is not None

    def told(self, growing: Growing) -> Told:
        """The growing text, with what the model of this moment makes of its newest token."""
        last = newest(growing, self.expected_before(growing.ids)) if growing.shown else None
        return Told(growing, last, self.playing, self.speed)

    # ---- playing

    def begin(self, *, play: bool = True) -> None:
        """Go on from the text with the first throw of the dice; over ssh each further token is asked for by a key."""
        self._vocabulary = self.snapshot.corpus.tokenizer.tokens
        self.growing = Growing(self.beginning(), self.dice, self.temperature)
        self.pause()
        self._move(1)
        if play and "SSH_CONNECTION" in os.environ:
            self.lab.tell(STEPPED)
        elif play and not self._stopped:
            self.play()

    def play(self) -> None:
        """Write by itself, so many tokens a second."""
        self.pause()
        self._timer = self.set_interval(1 / self.speed, self.tick)
        self.redraw()

    def pause(self) -> bool:
        """Wait; whether it was writing."""
        if self._timer is None:
            return False
        self._timer.stop()
        self._timer = None
        self.redraw()
        return True

    def tick(self) -> None:
        """One token more. It waits behind a dialog, and stops where the text ends or the context is full."""
        if self.app.screen is not self.screen:
            return
        self._move(1)
        if self.growing is None or self.growing.halt(self.snapshot.corpus.tokenizer, self.snapshot.settings.context):
            self.pause()

    def _move(self, tokens: int) -> None:
        if self.growing is None:
            return
        if tokens < 0:
            self.growing = back(self.growing)
        elif not self._stopped:
            self.growing = forward(self.growing, self.expected(self.growing.ids))
        self.grown()

    @property
    def _stopped(self) -> bool:
        """Whether nothing more can be written here."""
        s = self.snapshot
        return self.growing is None or self.growing.halt(s.corpus.tokenizer, s.settings.context) in ("ended", "long")

    def stop_growing(self) -> bool:
        """Back to the text that was typed; whether there was more."""
        self.pause()
        gone, self.growing = self.growing is not None, None
        self.grown()
        return gone

    def text_typed(self) -> None:
        """What grew from the text before is gone."""
        self.stop_growing()

    def keep_growing(self) -> None:
        """A new snapshot: the text stays, unless its tokens are others now, or nothing looks back any more."""
        if self.growing and (not self.looks_back or self._vocabulary != self.snapshot.corpus.tokenizer.tokens):
            self.stop_growing()

    def on_hide(self) -> None:
        """Another screen came into view."""
        self.pause()

    # ---- keys

    def action_play(self) -> None:
        if self.refuses() or self.pause():
            return
        if self._stopped:
            self.begin()
        else:
            self.play()

    def action_one_token(self, tokens: int) -> None:
        if self.refuses():
            return
        self.pause()
        if self.growing is None and tokens > 0:
            self.begin(play=False)
        else:
            self._move(tokens)

    def action_speed(self) -> None:
        if self.refuses():
            return
        self.speed = SPEEDS[(SPEEDS.index(self.speed) + 1) % len(SPEEDS)]
        if self.playing:
            self.play()
        elif self.growing is None:
            self.lab.tell(f"the text will be written at {self.speed} tokens a second; a begins")
        self.redraw()

    def action_temperature(self, direction: int) -> None:
        if self.refuses():
            return
        self.temperature = stepped(self.temperature, direction, 0.1, 0.0, WARMEST)
        if self.growing:
            self.growing = self.growing.at(self.temperature)
            self.grown()
        else:
            self.lab.tell(f"the text will be written at temperature {self.temperature:.2f}; a begins")

    def action_new_dice(self) -> None:
        if not self.refuses():
            self.dice += 1
            self.begin(play=self.playing or self._stopped)
