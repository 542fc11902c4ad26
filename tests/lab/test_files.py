import os
import socket
import threading

import pytest

from tinylm_tui.lab.errors import TextError
from tinylm_tui.lab.files import MOST_BYTES, read_text

TEXT = "Ännä\nбен\n日本\n🚀\n"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "words.txt"


def refused(path):
    """The sentence with which `path` is refused; gives up where reading does not come back."""
    sentences = []

    def read():
        with pytest.raises(TextError) as error:
            read_text(path)
        sentences.append(str(error.value))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(timeout=30)
    assert sentences, "reading hung, or raised something else"
    return sentences[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_read_in_each_encoding_that_can_be_told(file, encoding):
    file.write_bytes(TEXT.encode(encoding))
    assert read_text(file) == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_tells_the_order(file, encoding):
    file.write_bytes(("\ufeff" + TEXT).encode(encoding))
    assert read_text(str(file)) == TEXT


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_every_line_end_becomes_a_newline(file, end):
    file.write_bytes(b"anna" + end + b"ben" + end)
    assert read_text(file) == "anna\nben\n"


def test_nul_bytes_and_escapes_are_characters_like_any_other(file):
    file.write_bytes(b"a\x00b\x1b]52;c;x\x07")
    assert read_text(file) == "a\x00b\x1b]52;c;x\x07"


def test_an_empty_file_is_an_empty_text(file):
    file.touch()
    assert read_text(file) == ""


def test_bytes_that_are_no_utf_8_are_refused_with_their_place(file):
    file.write_bytes(b"anna\xff\xfeben")
    assert refused(file) == "words.txt is not UTF-8 text: byte 4 cannot be read. Save it as UTF-8 and open it again."


def test_half_a_utf_16_character_is_refused(file):
    file.write_bytes("\ufeffanna".encode("utf-16-le") + b"\x00")
    assert "is not UTF-16 text" in refused(file)


def test_a_folder_is_refused(tmp_path):
    assert refused(tmp_path) == f"{tmp_path} is a folder: name a text file."


def test_a_missing_file_is_refused(file):
    assert refused(file) == f"there is no file {file}: check the name."


def test_a_file_below_a_file_is_refused(file):
    file.touch()
    assert "cannot be read" in refused(file / "inner.txt")


@pytest.mark.parametrize("name", ["a\0b", "~nobody-of-that-name/x", "x" * 5000, "", "\ud800"])
def test_a_name_no_file_can_have_is_refused(name):
    assert refused(name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
def test_a_fifo_is_refused_and_not_waited_for(file):
    os.mkfifo(file)
    assert refused(file) == f"{file} is not an ordinary file: name a text file."


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused_and_not_read(device):
    assert refused(device) == f"{device} is not an ordinary file: name a text file."


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in folders")
def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket may be no longer than 100 letters
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        assert "cannot be read" in refused("s")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not hold root back")
def test_an_unreadable_file_is_refused(file):
    file.touch(mode=0)
    assert "may not be read by you" in refused(file)


def test_a_file_too_large_is_refused_unread_with_the_numbers(file):
    with file.open("wb") as handle:
        handle.truncate(100 * MOST_BYTES)  # sparse: takes no room on the disk
    assert refused(file) == "words.txt has 4,000 MB; the lab reads text files up to 40 MB. A part of it would do."


def test_a_folder_of_ones_own_may_be_written_as_a_tilde(file, monkeypatch):
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.setenv("USERPROFILE", str(file.parent))
    file.write_text("anna")
    assert read_text("~/words.txt") == "anna"
