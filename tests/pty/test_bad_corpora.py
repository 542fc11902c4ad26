"""A text from the command line may be anything: it works, or one sentence says why not."""

import os

import pytest

WORDS = "anna\nbob\neve\n"
USABLE = {
    "one character": b"a",
    "NUL bytes": b"ab\0cd\0\0\nxy\0",
    "UTF-16": WORDS.encode("utf-16"),
    "byte order mark and CRLF": b"\xef\xbb\xbf" + WORDS.replace("\n", "\r\n").encode(),
    "emoji": "👩‍👩‍👧 🇩🇪 👍🏽\n🎉🎊\n".encode() * 9,
    "combining marks": "e\u0301a\u0308\u0323\nz\u0335\u0336a\u0301\n\u0301\n".encode() * 9,
    "300 letters of CJK": "".join(chr(0x4E00 + n) + ("\n" if n % 4 == 3 else "") for n in range(300)).encode(),
}
REFUSED = {
    "empty": (b"", "no text"),
    "white space": (b" \n\t \n", "white space"),
    "invalid UTF-8": (b"abc\xff\xfe\xfdabc", "UTF-8"),
    "3,000 letters": ("".join(chr(0x4E00 + n) for n in range(3000)).encode(), "3,000"),
}


def refused(one, word):
    """Exit 2, one line, no traceback, nothing drawn."""
    status = one.wait()
    return status == 2 and one.stream.count(b"\n") == 1 and word in one.last_lines() and b"\x1b" not in one.stream


@pytest.mark.parametrize("kind", USABLE)
def test_an_unusual_text_is_learnt_from_on_every_screen(lab, tmp_path, kind):
    (tmp_path / "text.txt").write_bytes(USABLE[kind])
    one = lab("--corpus", "text.txt", "--set", "pace=0").train().walk()
    one.send("4jjllp")
    one.until("score").send("z")
    one.pump(0.2)
    assert one.end() == 0
    assert one.strange() == set()


@pytest.mark.parametrize("kind", REFUSED)
def test_a_text_that_nothing_can_be_learnt_from_gets_one_sentence(terminal, tmp_path, kind):
    data, word = REFUSED[kind]
    (tmp_path / "text.txt").write_bytes(data)
    assert refused(terminal("--corpus", "text.txt"), word)


@pytest.mark.parametrize("option", ["--corpus", "--open"])
def test_what_is_not_a_file_gets_one_sentence_and_no_waiting(terminal, tmp_path, option):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "/dev/zero", ".", "missing", "x" * 300, ""):
        assert refused(terminal(option, name), "tinylm: "), name


def test_a_file_of_100_MB_gets_one_sentence(terminal, tmp_path):
    with open(tmp_path / "large.txt", "wb") as file:
        file.truncate(100_000_000)
    assert refused(terminal("--corpus", "large.txt"), "100 MB")
    assert refused(terminal("--open", "large.txt"), "large.txt")


def test_an_unreadable_file_gets_one_sentence(terminal, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "secret.txt").write_text(WORDS)
    (tmp_path / "secret.txt").chmod(0)
    assert refused(terminal("--corpus", "secret.txt"), "secret.txt")


@pytest.mark.parametrize("value", ["nan", "-1", "1e999", "", "１\u202e\x1b[31m"])
def test_a_setting_that_will_not_do_gets_one_sentence(terminal, value):
    assert refused(terminal("--set", f"learn_rate={value}"), "learn_rate")


def test_a_number_in_full_width_digits_works(lab):
    assert "         1" in lab("--set", "learn_rate=１").walk("2").text


@pytest.mark.parametrize("pair", ["learn_rate", "[/foo]=1"])
def test_a_setting_that_there_is_not_gets_one_sentence(terminal, pair):
    assert refused(terminal("--set", pair), "setting")
