"""The screen that a person would see, and what of the stream a terminal does not show."""

from __future__ import annotations

import re

from rich.cells import cell_len

KINDS = re.compile(
    r"(?P<csi>\x1b\[[0-?]*[ -/]*[@-~])|(?P<string>\x1b[]PX^_].*?(?:\x07|\x1b\\|$))|(?P<escape>\x1b.?)"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])|(?P<text>[^\x00-\x1f\x7f-\x9f]+)",
    re.DOTALL,
)
UNFINISHED = re.compile(r"\x1b(\[[0-?]*[ -/]*|[]PX^_][^\x07]*)?$")
OWN = re.compile(  # places, styles, modes, Textual's questions at the start, ours, the keyboard, the pointer's shape
    r"\x1b\[(\d+;\d+H|[\d;]*m|\?\d+[hl]|\?2026\$p|\?2048\$p|6n|>25u|<u)|\x1b\]22;[a-z-]+\x07|[\r\n\x07]"
)
REORDERING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
MODE = re.compile(r"\x1b\[\?([\d;]+)([hl])")


class Screen:
    """As much of a terminal as the program uses: places the cursor, writes text, and forgets about colours."""

    def __init__(self, width: int, height: int) -> None:
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        self.width, self.height, self.x, self.y = width, height, 0, 0
        self.cells = [[" "] * width for _ in range(height)]

    def feed(self, kind: str, text: str) -> None:
        """One piece of the stream."""
        if kind == "csi" and text.endswith("H"):
            row, _, column = text[2:-1].partition(";")
            self.y, self.x = int(row or 1) - 1, int(column or 1) - 1
        elif kind == "control" and text == "\n":  # the terminal puts a carriage return before it
            self.y, self.x = self.y + 1, 0
        elif kind == "control" and text == "\r":
            self.x = 0
        elif kind == "text":
            self._write(text)

    def _write(self, text: str) -> None:
        for character in text:
            width = cell_len(character)
            if not width:
                continue
            if 0 <= self.y < self.height and self.x + width <= self.width:
                self.cells[self.y][self.x : self.x + width] = [character] + [""] * (width - 1)
            self.x += width

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self.cells)


class Sent:
    """What was sent to a terminal so far, byte by byte, and what stands in it."""

    stream = b""

    def colours(self) -> set[str]:
        """Every code that selects a colour, with 38;5 and 38;2 (and 48) standing for all of theirs."""
        text = self.stream.decode("utf-8", "replace")
        codes = ";".join(re.findall(r"\x1b\[([\d;]*)m", text))
        extended = re.compile(r"([34]8);(5;\d+|2;\d+;\d+;\d+)")
        found = {f"{m[1]};{m[2][0]}" for m in extended.finditer(codes)}
        return found | set(re.findall(r"(?<!\d)(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])(?!\d)", extended.sub("", codes)))

    def strange(self) -> set[str]:
        """What reached the terminal and is neither text nor one of the program's own sequences."""
        pieces = KINDS.finditer(self.stream.decode("utf-8", "backslashreplace"))
        found = {p[0] for p in pieces if not p["text"] and not OWN.fullmatch(p[0])}
        return found | set(REORDERING.findall(self.stream.decode("utf-8", "replace")))

    def last_lines(self) -> str:
        """What was printed after the screen was given back, without escape sequences."""
        tail = self.stream.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]
        return "".join(p[0] for p in KINDS.finditer(tail) if p["text"] or p[0] == "\n").strip()

    def modes_left_on(self) -> set[str]:
        """The private modes that were switched on and never off again, and the state of the keyboard."""
        left = {"25", "7"}  # a shown cursor and line wrap are usual
        text = self.stream.decode("utf-8", "replace")
        for modes, switch in MODE.findall(text):
            for mode in modes.split(";"):
                (left.add if switch == "h" else left.discard)(mode)
        if text.count("\x1b[>") > text.count("\x1b[<u"):
            left.add("kitty keyboard")
        return left ^ {"25", "7"}
