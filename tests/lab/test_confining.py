"""A name from somebody who may use one folder never leads out of it."""

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.lab.confining import MOST_NAME, inside
from tinylm_tui.lab.errors import RunFileError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "runs").mkdir()
    (home / "secret.txt").write_text("secret")
    return home / "runs"


@pytest.mark.parametrize(
    "name", ["first-try.safetensors", "a", "Übung 2.txt", "日本", "x" * MOST_NAME, "a..b", "nulls"]
)
def test_a_plain_name_is_a_file_of_the_folder(folder, name):
    assert inside(folder, name) == folder / name


BAD = [
    "", " ", ".", "..", "../secret.txt", "../runs/x", "/etc/passwd", "//x", "a/b", "a/../../secret.txt", "./a", "a\\b",
    "..\\secret.txt", "C:x", "C:\\x", "a\0b", "a\nb", "a\x1bb", "a\u202eb", "a\u200bb", "\ud800", "~", "~root", "-rf",
    ".hidden", ".bashrc", " a", "a ", "a.", "CON", "con.txt", "nul", "NUL.safetensors", "COM1", "lpt9.x", "aux .x",
    "a:b", "a|b", "a*", "a?", "<a>", "x" * (MOST_NAME + 1), "ü" * 101, "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("name", BAD, ids=lambda name: ascii(name)[:20])
def test_any_other_name_is_refused_in_one_sentence(folder, name):
    with pytest.raises(RunFileError) as error:
        inside(folder, name)
    assert len(str(error.value)) < 200
    assert str(error.value).isprintable()


@given(st.text(st.characters(codec=None), max_size=30))
@example("../" * 9 + "etc/passwd")
def test_no_name_at_all_leads_out_of_the_folder(folder, name):
    try:
        path = inside(folder, name)
    except RunFileError:
        return
    assert path.resolve().parent == folder.resolve()
    assert path.name == name


@pytest.mark.skipif(os.name != "posix", reason="links need rights on this system")
@pytest.mark.parametrize("target", ["../secret.txt", "/etc/passwd", "/dev/zero", "..", ".", "ring", "../nothing-there"])
def test_a_link_that_leads_elsewhere_is_refused(folder, target):
    link = folder / "ring"
    link.symlink_to(target)
    try:
        with pytest.raises(RunFileError, match="ring"):
            inside(folder, "ring")
    finally:
        link.unlink()


@pytest.mark.skipif(os.name != "posix", reason="links need rights on this system")
def test_a_link_to_a_file_of_the_folder_itself_is_allowed(folder):
    (folder / "real").touch()
    (folder / "link").symlink_to("real")
    assert inside(folder, "link") == folder / "link"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None)])
def test_what_is_there_and_no_ordinary_file_is_refused(folder, make, request):
    make(folder / "thing")
    request.addfinalizer(lambda: os.rmdir(folder / "thing") if make is os.mkdir else os.unlink(folder / "thing"))
    with pytest.raises(RunFileError, match="thing is no file of this folder"):
        inside(folder, "thing")


def test_without_the_folder_nothing_is_inside(folder):
    with pytest.raises(RunFileError, match="cannot be used here"):
        inside(folder / "missing", "a")


def test_a_folder_that_is_itself_reached_through_a_link_will_do(folder):
    way = folder.parent / "way"
    way.symlink_to(folder)
    assert inside(way, "a") == way / "a"
