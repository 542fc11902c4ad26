"""Files are written whole or not at all, the one before is kept, and what killed processes left is swept away."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
from contextlib import suppress

import pytest

from tinylm_tui.lab import keeping, store
from tinylm_tui.lab.errors import RunFileError

from .conftest import new_run

POSIX = pytest.mark.skipif(os.name != "posix", reason="this system has no such permissions, locks or limits")
BROKEN = {
    "write": (errno.ENOSPC, "No space left on device"),
    "fsync": (errno.EIO, "Input/output error"),
    "replace": (errno.EDQUOT, "Disk quota exceeded"),
    "open": (errno.EROFS, "Read-only file system"),
    "close": (errno.EIO, "Input/output error"),
}


def trained(steps):
    run = new_run("anna\nben\nnina\n")
    for _ in range(steps):
        run.train_step()
    return run


@pytest.fixture
def path(tmp_path):
    """A file that holds a run of 3 steps."""
    store.save(trained(3), tmp_path / "run.safetensors")
    return tmp_path / "run.safetensors"


def broken(call, number):
    """`call` of the os, which works on everything but the files of a run that is being saved."""
    whole = getattr(os, call)

    def breaks(first, *others, **more):
        if call == "close":
            whole(first)
        if call != "open" or str(first).endswith(".part"):
            raise OSError(number, os.strerror(number))
        return whole(first, *others, **more)

    return breaks


@pytest.mark.parametrize("call", BROKEN)
def test_a_save_that_fails_says_why_and_leaves_the_old_file_and_nothing_else(path, monkeypatch, call):
    old = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, broken(call, BROKEN[call][0]))
        with pytest.raises(RunFileError, match=rf"cannot save to .*: {BROKEN[call][1]}\. Another folder may do\."):
            store.save(trained(9), path)
    assert path.read_bytes() == old
    assert set(os.listdir(path.parent)) <= {path.name, keeping.previous_of(path).name}
    assert store.load(path).step == 3


def test_a_disk_that_writes_a_little_at_a_time_gets_everything(path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:1000]))
    store.save(trained(9), path)
    assert store.load(path).step == 9


def test_a_disk_that_gives_back_something_else_is_noticed(path, monkeypatch):
    old, read = path.read_bytes(), os.read
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", lambda handle, size: read(handle, size).replace(b"weights", b"weighty"))
        with pytest.raises(RunFileError, match="could not be read back; the old file was kept"):
            store.save(trained(9), path)
    assert path.read_bytes() == old
    assert os.listdir(path.parent) == [path.name]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 200 KB, where this may be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=200k", "none", str(folder)], capture_output=True)
    if not made or made.returncode:
        pytest.skip("a small file system can be mounted by root only, and not in every container")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full_keeps_the_old_file_and_can_be_saved_to_when_there_is_room(small_disk):
    path = small_disk / "run.safetensors"
    store.save(trained(3), path)
    (small_disk / "other").write_bytes(bytes(200_000 - 2 * os.stat(path).st_size - 8192))
    with open(small_disk / "more", "wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(bytes(512))
    with pytest.raises(RunFileError, match="No space left on device"):
        store.save(trained(9), path)
    assert store.load(path).step == 3
    assert sorted(os.listdir(small_disk)) == ["more", "other", path.name]
    (small_disk / "other").unlink()
    store.save(trained(9), path)
    assert store.load(path).step == 9


LIMITED = """
    import resource, sys
    from tinylm_tui.lab import store
    from tinylm_tui.lab.errors import RunFileError
    run = store.load(sys.argv[1])
    run.train_step()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        store.save(run, sys.argv[1])
    except RunFileError as error:
        print(error)
"""


@POSIX
def test_a_process_that_may_write_small_files_only_says_so_and_lives_on(path):
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), str(path)], capture_output=True, text=True, check=True
    )
    assert told.stdout == f"cannot save to {path}: File too large. Another folder may do.\n"
    assert os.listdir(path.parent) == [path.name]
    assert store.load(path).step == 3


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not hold root back")
def test_a_folder_that_cannot_be_written_to_is_a_sentence(path):
    path.parent.chmod(0o500)
    try:
        with pytest.raises(RunFileError, match="Permission denied"):
            store.save(trained(9), path)
        assert store.load(path).step == 3
    finally:
        path.parent.chmod(0o700)


@pytest.mark.parametrize("name", ["no/such/folder/run", "a\0b", "~nobody-of-that-name/x", "x" * 300, "."])
def test_where_nothing_can_be_saved_is_found_before_anything_is_trained(tmp_path, name):
    with pytest.raises(RunFileError, match="cannot save to"):
        store.refuse_unwritable(name if name.startswith("~") else tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_place_that_can_be_written_to_is_left_as_it_was(path):
    store.refuse_unwritable(path)
    store.refuse_unwritable(path.with_name("new"))
    assert os.listdir(path.parent) == [path.name]


def test_the_folder_is_brought_to_the_disk_too_and_one_that_cannot_be_is_no_failure(path, monkeypatch):
    synced, fsync = [], os.fsync

    def only_files(handle):
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        return broken("fsync", errno.EINVAL)(handle) if synced[-1] else fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    store.save(trained(9), path)
    assert store.load(path).step == 9
    assert synced == [False, os.name == "posix"][: 1 + (os.name == "posix")]


# ---- who may read it


@POSIX
def test_a_run_is_readable_for_its_owner_only_also_where_the_old_file_was_not(path):
    path.chmod(0o644)
    store.save(trained(9), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@POSIX
def test_a_link_is_replaced_and_what_it_led_to_is_left_alone(path):
    link = path.with_name("link.safetensors")
    link.symlink_to(path)
    store.save(trained(9), link)
    assert not link.is_symlink()
    assert (store.load(link).step, store.load(path).step) == (9, 3)


# ---- the generation before


def test_the_run_saved_before_is_opened_with_a_sentence_where_the_newest_is_damaged(path):
    store.save(trained(9), path)
    path.write_bytes(path.read_bytes()[:-5])
    run, note = store.opened(path)
    assert run.step == 3
    assert note.startswith("run.safetensors cannot be opened: ")
    assert note.endswith(". The one saved before it was opened instead, at step 3.")


def test_a_run_that_is_whole_is_opened_without_a_word(path):
    store.save(trained(9), path)
    run, note = store.opened(path)
    assert (run.step, note) == (9, "")


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_without_a_whole_run_before_it_the_error_is_that_of_the_newest(path, change):
    change(path)
    keeping.previous_of(path).write_bytes(b"damaged too")
    with pytest.raises(RunFileError, match=r"there is no run|does not begin as a run does"):
        store.opened(path)


def test_a_file_that_was_removed_does_not_come_back(path):
    store.save(trained(9), path)
    path.unlink()
    with pytest.raises(RunFileError, match="there is no run"):
        store.opened(path)


@pytest.mark.parametrize("failing", [["link"], ["link", "chmod"]])
def test_without_second_names_the_run_before_is_kept_as_a_copy_or_saving_goes_on_without(path, monkeypatch, failing):
    for call in failing:
        monkeypatch.setattr(os, call, broken(call, errno.EPERM))
    store.save(trained(9), path)
    assert store.load(path).step == 9
    previous = keeping.previous_of(path)
    assert not previous.exists() if len(failing) > 1 else store.load(previous).step == 3
    assert set(os.listdir(path.parent)) <= {path.name, previous.name}


@pytest.mark.skipif(not hasattr(os, "link"), reason="this system has no second names")
def test_a_save_cut_off_after_the_old_file_got_its_second_name_is_followed_by_one_as_usual(path):
    os.link(path, keeping.previous_of(path))
    store.save(trained(9), path)
    assert (store.load(path).step, store.load(keeping.previous_of(path)).step) == (9, 3)
    assert sorted(os.listdir(path.parent)) == [path.name, keeping.previous_of(path).name]


# ---- leftovers


def gone():
    """The number of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def part(folder, process, machine=None, text="half a run"):
    file = folder / f".tinylm-{machine or keeping._machine()}-{process}-0123abcd.part"
    file.write_text(text)
    return file


def test_what_a_dead_process_left_is_swept_at_the_next_save(path):
    left = part(path.parent, gone())
    store.save(trained(9), path)
    assert not left.exists()


@POSIX
def test_nothing_else_is_swept(tmp_path):
    dead = gone()
    outside = tempfile.NamedTemporaryFile(dir=tmp_path.parent)  # noqa: SIM115  removed with its last mention
    linked = tmp_path / f".tinylm-{keeping._machine()}-{dead}-ffffffff.part"
    linked.symlink_to(outside.name)
    kept = [
        part(tmp_path, os.getppid()),  # its process lives
        part(tmp_path, dead, machine="00000000"),  # of another machine
        *(tmp_path / name for name in (f".tinylm-{dead}.part", "x.part", f".tinylm-0123abcd-{dead}-0123abcd.part.txt")),
    ]
    for file in kept[2:]:
        file.write_text("somebody's")
    folder = tmp_path / f".tinylm-{keeping._machine()}-{dead}-00000000.part"
    folder.mkdir()
    assert keeping.sweep(tmp_path) == []
    assert all(file.exists() for file in (*kept, folder, linked))
    assert os.path.exists(outside.name)


HOLDING = """
    import sys, time
    from pathlib import Path
    from tinylm_tui.lab import keeping
    handle, part = keeping._new_part(Path(sys.argv[1]))
    print(part, flush=True)
    time.sleep(60)
"""


@POSIX
def test_what_a_process_is_writing_is_left_alone_until_it_is_killed(tmp_path, monkeypatch):
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDING), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with child:
        part_file = child.stdout.readline().strip()
        with monkeypatch.context() as patch:
            patch.setattr(keeping, "_lives", lambda process: False)  # as in another container on the same folder
            swept = keeping.sweep(tmp_path)
        child.kill()
    assert swept == []
    assert [str(tmp_path / name) for name in keeping.sweep(tmp_path)] == [part_file]


def test_a_folder_that_cannot_be_listed_stops_nothing(tmp_path):
    assert keeping.sweep(tmp_path / "no such folder") == []


def test_other_small_files_can_be_written_whole_too_without_the_one_before(tmp_path):
    for text in (b"one", b"two"):
        keeping.write_whole(tmp_path / "presets.txt", text, previous=False)
    assert (tmp_path / "presets.txt").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["presets.txt"]
