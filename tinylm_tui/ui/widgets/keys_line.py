"""The line of keys at the bottom."""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import Footer

Shown = tuple[tuple[str, str, bool], ...]


class KeysLine(Footer):
    """Textual's, put together again only when other keys are to be shown, and once for a change of screen.

    Its own way does it at every change of the focus, of which a change of screen has two: the second was a third of
    the work from the key to the new screen.
    """

    _shown: Shown | None = None
    _waiting = False

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Wait until the focus has arrived."""
        self._bindings_ready = True
        if not self._waiting and screen.app.app_focus and self.is_attached and screen is self.screen:
            self._waiting = True
            self.call_after_refresh(self.call_after_refresh, self._arrived)

    async def _arrived(self) -> None:
        self._waiting = False
        keys = self.screen.active_bindings.values()
        shown = tuple((key.binding.key, key.binding.description, key.enabled) for key in keys if key.binding.show)
        if shown != self._shown:
            self._shown = shown
            await self.recompose()
