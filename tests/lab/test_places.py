"""Where a person's files lie, and who may look into it."""

import os
import stat
from pathlib import Path

import pytest

from tinylm_tui.lab import store
from tinylm_tui.lab.errors import RunFileError
from tinylm_tui.ui import places

from .conftest import new_run

POSIX = pytest.mark.skipif(os.name != "posix", reason="this system has no such permissions")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "tinylm"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@POSIX
@pytest.mark.parametrize("umask", [0o022, 0o000, 0o077])
def test_the_folders_are_open_to_their_owner_only_and_so_are_the_runs(data, umask):
    before = os.umask(umask)
    try:
        path = places.run_path("first-try")
        store.save(new_run(), path)
        store.save(new_run(), path)
    finally:
        os.umask(before)
    assert path == data / "runs" / "first-try.safetensors"
    assert [mode(folder) for folder in (data, data / "runs", places.sessions_folder())] == [0o700] * 3
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}


@POSIX
def test_folders_that_an_earlier_version_left_open_are_shut(data):
    (data / "runs").mkdir(parents=True, mode=0o755)
    data.chmod(0o755)
    places.runs_folder()
    assert (mode(data), mode(data / "runs")) == (0o700, 0o700)


@POSIX
def test_a_folder_that_a_link_leads_to_is_left_as_it_is(data, tmp_path):
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared").chmod(0o755)
    data.mkdir(parents=True)
    (data / "runs").symlink_to(tmp_path / "shared")
    places.runs_folder()
    assert mode(tmp_path / "shared") == 0o755


@POSIX
def test_presets_are_for_their_owner_only(data):
    places.save_preset("mine", "corpus=names")
    assert mode(places.presets_file()) == 0o600
    assert sorted(os.listdir(data)) == ["presets.txt", "runs"]


def test_without_a_home_there_is_a_sentence_and_no_folder_called_tilde(tmp_path, monkeypatch):
    nowhere = Path("~/.local/share/tinylm")  # what is left where neither HOME nor the system knows one
    monkeypatch.setattr(places, "user_data_path", lambda *_, **__: nowhere)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunFileError, match="has no home"):
        places.run_path("first-try")
    assert places.saved_runs() == []
    assert places.saved_presets() == ()
    assert os.listdir(tmp_path) == []


def test_a_home_in_which_nothing_can_be_made_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(
        RunFileError, match=r"there is no folder to save in: (Not a directory|File exists) \(.*\)\. Type a path"
    ):
        places.runs_folder()


@pytest.mark.parametrize("name", ["first-try", "first-try.safetensors", " first-try "])
def test_a_guest_saves_by_name_into_the_folder_of_runs(data, name):
    assert places.own_run_path(name) == data / "runs" / "first-try.safetensors"


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "~/x", "a/b", "", "x\0", "/dev/null", ".ssh", "con"])
def test_a_guest_cannot_name_anything_else(name):
    with pytest.raises(RunFileError):
        places.own_run_path(name)


def test_anybody_else_may_type_a_path(tmp_path):
    assert places.run_path(f"{tmp_path}/x") == tmp_path / "x.safetensors"
