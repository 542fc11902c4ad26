"""From the table of keys to Textual's bindings and to the command palette."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider

from tinylm_tui.ui.keys import EVERYWHERE, KEYS, Key, keys_of, screens

if TYPE_CHECKING:
    from tinylm_tui.ui.app import LabApp


def bindings_for(where: str) -> list[BindingType]:
    """The bindings of one screen, or of everywhere."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.footer,
            key_display=key.shown.split()[0],
            # A digit is taken before the screen in view sees it, so that the key after it already finds the new one.
            priority=key.action.startswith("tab(") or (key.typing and key.keys != "escape" and "enter" not in key.keys),
        )
        for key in keys_of(where)
    ]


def action_name(key: Key) -> str:
    """The name of the method behind a key, without its arguments."""
    return key.action.partition("(")[0]


TYPING_ACTIONS = frozenset(action_name(key) for key in KEYS if key.typing)


def title_of(key: Key) -> str:
    """A key's line in the palette."""
    tab = next((screen.title for screen in screens() if screen.id == key.where), "")
    sentence = key.help[0].upper() + key.help[1:]
    return f"{tab}: {key.help}" if tab else sentence


class LabCommands(Provider):
    """Every key as a command."""

    async def discover(self) -> Hits:
        async for key in self._keys():
            yield DiscoveryHit(title_of(key), partial(self._run, key), help=f"key: {key.shown}")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        async for key in self._keys():
            if score := matcher.match(title_of(key)):
                yield Hit(score, matcher.highlight(title_of(key)), partial(self._run, key), help=f"key: {key.shown}")

    async def _keys(self) -> AsyncIterator[Key]:
        app = cast("LabApp", self.app)
        for key in sorted(KEYS, key=lambda key: (key.where != app.tab, key.where != EVERYWHERE)):
            if action_name(key) not in ("command_palette",):
                yield key

    async def _run(self, key: Key) -> None:
        await cast("LabApp", self.app).run_key(key)
