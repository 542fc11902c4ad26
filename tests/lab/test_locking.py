"""One lab at a time has a run: two processes, and what a death lets go of."""

import errno
import os
import subprocess
import sys
import textwrap

import pytest

from tinylm_tui.lab import locking
from tinylm_tui.lab.locking import hold, hold_run, lock_file_of

pytestmark = pytest.mark.skipif(locking.fcntl is None, reason="this system has no locks that die with their process")

CHILD = """
    import sys
    from pathlib import Path
    from tinylm_tui.lab.locking import hold_run
    lock = hold_run(Path(sys.argv[1]))
    print("held" if lock else "taken", flush=True)
    sys.stdin.read()
"""


def lab(path):
    """Another process that takes the lock if it can, and what it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return child, child.stdout.readline().strip()


def end(child, *, kill=False):
    if kill:
        child.kill()
    child.communicate()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.safetensors"


def test_the_second_lab_on_a_run_does_not_get_it(path):
    first, said = lab(path)
    second, said_second = lab(path)
    assert (said, said_second) == ("held", "taken")
    assert hold_run(path) is None
    end(second)
    assert hold_run(path) is None
    end(first)


@pytest.mark.parametrize("kill", [True, False])
def test_a_lab_that_has_ended_has_let_go_however_it_ended(path, kill):
    child, said = lab(path)
    assert said == "held"
    end(child, kill=kill)
    lock = hold_run(path)
    assert lock is not None
    assert lock.real
    lock.release()


def test_a_lock_that_was_released_can_be_taken_and_leaves_no_file(path):
    with hold_run(path) as lock:
        assert lock.real
        assert hold_run(path) is None
        assert os.listdir(path.parent) == [".run.safetensors.lock"]
    assert os.listdir(path.parent) == []
    lock.release()
    child, said = lab(path)
    assert said == "held"
    lock.release()  # a second time does not let go of what another one holds now
    assert hold_run(path) is None
    end(child)


def test_two_runs_do_not_stand_in_each_others_way(path):
    with hold_run(path) as one, hold_run(path.with_name("other.safetensors")) as other:
        assert one.real
        assert other.real


def test_every_way_to_a_run_leads_to_the_same_lock(path, monkeypatch):
    path.touch()
    link = path.with_name("link.safetensors")
    link.symlink_to(path)
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("HOME", str(path.parent))
    with hold_run(path):
        for way in (link, path.parent / "." / path.name, type(path)(path.name), type(path)("~") / path.name):
            assert hold_run(way) is None


def test_saving_over_the_run_keeps_the_lock(path):
    with hold_run(path):
        path.with_name("new").write_text("new")
        os.replace(path.with_name("new"), path)
        assert hold_run(path) is None


def test_a_file_that_was_let_go_of_between_opening_and_locking_is_not_taken_for_the_lock(path, monkeypatch):
    file, flock, removed = lock_file_of(path), locking.fcntl.flock, []

    def late(handle, how):
        if not removed:
            removed.append(os.unlink(file))
        return flock(handle, how)

    monkeypatch.setattr(locking.fcntl, "flock", late)
    with hold_run(path) as lock:
        assert lock.real
        assert os.path.samestat(os.fstat(lock._handle), os.stat(file))
        assert hold_run(path) is None


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_nothing_can_be_locked_nobody_is_kept_out(path, monkeypatch, number):
    def flock(handle, how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(locking.fcntl, "flock", flock)
    assert not hold_run(path).real
    assert not hold_run(path).real


@pytest.mark.parametrize("name", ["no/such/folder/run", "a\0b", "x" * 300])
def test_a_run_that_can_have_no_lock_file_keeps_nobody_out(tmp_path, name):
    lock = hold_run(tmp_path / name)
    assert not lock.real
    lock.release()


def test_a_lock_file_by_its_own_name_is_made_where_it_is_missing(tmp_path):
    file = tmp_path / "session.lock"
    with hold(file):
        assert file.stat().st_mode & 0o777 == 0o600
        assert hold(file) is None
    with pytest.raises(FileNotFoundError):
        hold(tmp_path / "no" / "session.lock")


def test_a_link_in_the_place_of_a_lock_file_is_not_followed(tmp_path):
    (tmp_path / "session.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        hold(tmp_path / "session.lock")
    assert not (tmp_path / "elsewhere").exists()
