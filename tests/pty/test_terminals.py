"""The terminals there are: how many colours, which characters, or none at all."""

import subprocess
import sys

import pytest

SIXTEEN = {str(n) for first in (30, 40, 90, 100) for n in range(first, first + 8)}
TERMINALS = {
    "linux": {"TERM": "linux"},
    "xterm": {"TERM": "xterm"},
    "256 colours": {"TERM": "xterm-256color"},
    "true colour": {"COLORTERM": "truecolor"},
    "NO_COLOR": {"NO_COLOR": "1", "COLORTERM": "truecolor"},
    "LC_ALL=C": {"LC_ALL": "C"},
    "Latin-1": {"LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"},
}
COLOURS = {"linux": SIXTEEN, "xterm": SIXTEEN, "true colour": {"38;2", "48;2"}, "NO_COLOR": set()}
ASCII = ("linux", "LC_ALL=C", "Latin-1")


@pytest.mark.parametrize("kind", TERMINALS)
def test_every_screen_shows_and_sends_only_what_the_terminal_knows(lab, kind):
    one = lab("--set", "pace=0", **TERMINALS[kind])
    one.train().walk()
    for keys, shown in [("4p", "score"), ("?", "in plain words"), ("\x1b", "count"), ("\x10", "commands")]:
        one.send(keys)
        one.until(shown)
    assert one.end("\x11") == 0
    assert one.is_restored()
    assert one.colours() <= COLOURS.get(kind, {"38;5", "48;5"})
    assert one.strange() == set()
    if kind in ASCII:
        assert max(one.stream) < 0x80


@pytest.mark.parametrize("name", ["TERM=dumb", "TERM=unknown", "TERM="])
def test_a_terminal_that_cannot_place_text_gets_one_line(terminal, name):
    one = terminal(TERM=name.partition("=")[2])
    assert one.wait() == 2
    assert one.stream.count(b"\n") == 1
    assert b"xterm-256color" in one.stream
    assert b"\x1b" not in one.stream


def test_without_TERM_it_says_so(terminal):
    one = terminal(TERM=None)
    assert one.wait() == 2
    assert one.stream.count(b"\n") == 1


@pytest.mark.parametrize("missing", ["stdin", "stdout"])
def test_without_a_terminal_it_says_what_to_use_instead(missing, surroundings, tmp_path):
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    done = subprocess.run(
        [sys.executable, "-m", "tinylm_tui"], env=surroundings, cwd=tmp_path, stderr=subprocess.PIPE, timeout=20,
        **(streams if missing == "stdout" else {"stdin": subprocess.DEVNULL}), check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"tinylm train" in done.stderr
    assert not done.stdout
