"""Whatever a text, a file's name or a key brings, nothing of it acts on the terminal."""

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]52;c;QUJD\x07 \x1bPq\x1b\\ \u009b31m \u009d52;c;QUJD\u009c \x7f \x00 \x05 \x0e \x08\n"
    "\u202eright to left\u202c \u2066isolate\u2069 \u200f\u061c\u2028\u2029 \ufeff\u00ad\n"
    "[/foo] [@click=app.quit]click[/] [bold red]bold[/] [link=https://example.com]link[/link] \\[\n"
)
NAME = "x\x1b]52;c;QUJD\x07\u202e\u009b31m[foo][@click=app.quit].txt"


def quits_and_was_harmless(one):
    return one.end("\x11") == 0 and one.strange() == set() and one.is_restored()


def test_a_hostile_text_in_a_file_of_a_hostile_name_is_only_text(lab, tmp_path):
    (tmp_path / NAME).write_text(HOSTILE * 20)
    one = lab("--corpus", NAME, "--set", "pace=0").train().walk()
    for tab in "123456":
        one.walk(tab).send("?")
        one.until("in plain words").send("\x1b")
        one.until_true(lambda: "in plain words" not in one.text, "the help's end")
    for keys in (
        "1w",
        "w",
        "w",
        "2l",
        "b",
        "3g",
        "4jjl",
        "p",
        "z",
        "+",
        "\r",
        "hh",
        "6u",
        "d",
        "a",
        "z",
        "\x10",
        "\x1b",
        "\x13",
    ):
        one.send(keys)
        one.pump(0.15)
    one.until("Save this run")
    assert quits_and_was_harmless(one)


def test_a_hostile_text_pasted_into_the_editor_is_only_text(lab):
    one = lab()
    one.send("e")
    one.until("esc: leave").paste(HOSTILE.replace("\x1b", ""))  # a paste cannot hold what ends it
    one.until("edited, not yet loaded").settle().send("\x0c")
    one.until("edited names").settle()
    one.train().walk()
    assert quits_and_was_harmless(one)


def test_a_hostile_text_in_the_prompt_and_the_dialogs_is_only_text(lab):
    one = lab().walk("3")
    one.send("p")
    one.pump(0.2)
    one.paste(HOSTILE.replace("\x1b", "").replace("\n", " "))
    one.settle(0.2).send("\x1b")
    for dialog in ("5t", "\x13", "2t"):
        one.send(dialog)
        one.settle(0.2).paste(NAME.replace("\x1b", ""))
        one.settle(0.2).send("\r")
        one.settle(0.2).send("\x1b")
        one.settle(0.2)
    assert quits_and_was_harmless(one)


def test_a_path_nobody_can_have_gets_a_sentence_in_the_dialog(lab):
    one = lab()
    for dialog, answer in (("\x0f", "y" * 300), ("\x13", "~nobody-here/x")):
        one.send(dialog)
        one.settle(0.15).send("\x15")
        one.settle(0.15).paste(answer)
        one.settle(0.15).send("\r")
        one.until("cannot be a file").send("\x1b")
        one.settle(0.15)
    assert one.end() == 0


def test_random_bytes_from_the_keyboard_do_not_end_it(lab):
    one = lab().walk("4")
    for sent in (
        b"\x1b[999;999;999~\x1b[<0;1;1M\x1b[<35;500;500m",
        b"\xff\xfe\x80\xc3",
        b"\x1b]11;rgb:00/00/00\x07",
        b"\x1bOQ\x1b[200~",
    ):
        one.send(sent)
        one.pump(0.15)
    one.send(b"\x1b[201~")
    one.settle(0.2)
    assert quits_and_was_harmless(one)
