"""The lab for guests: whose folder it is, and what `tinylm serve-config` prints for the server."""

import os
import sys
from pathlib import Path

import pytest

from tinylm_tui import cli, cli_kiosk
from tinylm_tui.cli_kiosk import GUEST, configuration, enter_kiosk, reach_of, refuse_account
from tinylm_tui.lab import confining, store
from tinylm_tui.lab.errors import LabError, RunFileError
from tinylm_tui.surroundings import refuse_unusable_terminal
from tinylm_tui.ui import places

from .conftest import new_run

POSIX = pytest.mark.skipif(os.name != "posix", reason="this system has no such permissions")
NOBODY = "no-such-account"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """A home of their own; what a kiosk changes for good is as before after each test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(GUEST, raising=False)
    monkeypatch.setattr(confining, "_kiosk", None)
    return tmp_path / "data"


@pytest.fixture
def login(data, monkeypatch):
    """Each login is a process of its own, and begins with the account's environment."""

    def into(guest=None, **environ):
        monkeypatch.setenv("XDG_DATA_HOME", str(data))
        monkeypatch.setattr(confining, "_kiosk", None)
        enter_kiosk(guest, environ)
        return confining.confined_to()

    return into


@pytest.mark.parametrize("way", [{"guest": "anna"}, {GUEST: "anna"}])
def test_a_guest_has_the_same_folder_login_after_login(data, login, way):
    first = login(**way)
    store.save(new_run(), places.run_path("mine"))
    assert first == login(**way) == data / "tinylm-guests" / "anna" / "tinylm"
    assert places.saved_runs() == ["mine"]
    login(guest="bea")
    assert places.saved_runs() == []


def test_who_comes_without_a_name_has_the_accounts_folder(data, login):
    assert login() == data / "tinylm"


def test_the_name_on_the_command_line_counts_before_the_one_of_the_key(data, login):
    assert login("bea", TINYLM_GUEST="anna").parent.name == "bea"


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc", ".ssh", "~", "-x", "con", "a\nb", "x" * 300])
@pytest.mark.parametrize("way", ["guest", GUEST])
def test_a_name_that_is_no_plain_name_is_refused_wherever_it_comes_from(login, way, name):
    with pytest.raises(RunFileError):
        login(**{way: name})


@POSIX
@pytest.mark.parametrize("target", ["bea", "..", "/etc", "nowhere"])
def test_a_folder_that_is_a_link_is_refused(data, login, target):
    login("bea")
    (data / "tinylm-guests" / "anna").symlink_to(target)
    with pytest.raises(RunFileError, match="anna is no folder"):
        login("anna")


def test_a_file_where_the_folder_should_be_is_refused(data, login):
    login("bea")
    (data / "tinylm-guests" / "anna").write_text("")
    with pytest.raises(RunFileError, match="anna is no folder"):
        login("anna")


# ---- what a guest is told


@pytest.mark.parametrize(
    ("typed", "says"), [("/etc/passwd", "'/etc/passwd' is no plain name"), ("", "a name is needed"), (" ", "is needed")]
)
def test_a_refusal_shows_what_was_typed(login, typed, says):
    login()
    for ask in (places.run_path, places.open_path):
        with pytest.raises(RunFileError, match=says) as error:
            ask(typed)
        assert "safetensors" not in str(error.value)


def test_no_guest_is_asked_for_a_path_or_a_text(login):
    plain = places.save_hint(), places.open_hint(), places.reader_hint()
    login()
    kiosk = places.save_hint(), places.open_hint(), places.reader_hint()
    assert all("path" in hint for hint in plain)
    assert not any("path" in hint or ".txt" in hint for hint in kiosk)


@POSIX
def test_only_what_can_be_opened_is_listed(login, tmp_path):
    store.save(new_run(), tmp_path / "secret.safetensors")
    for name, target in (("away", tmp_path / "secret.safetensors"), ("lost", tmp_path / "nowhere.safetensors")):
        (places.runs_folder() / f"{name}.safetensors").symlink_to(target)
    store.save(new_run(), places.run_path("mine"))
    assert sorted(places.saved_runs()) == ["away", "mine"]
    login()
    assert places.saved_runs() == ["mine"]
    assert "Saved: mine." in places.open_hint()


def test_a_guest_whose_run_cannot_be_saved_is_not_sent_to_another_folder(login, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.keeping, "write_whole", full)
    for guest in (False, True):
        if guest:
            login()
        with pytest.raises(RunFileError, match="No space left on device") as error:
            store.save(new_run(), places.run_path("mine"))
        assert ("Another folder" in str(error.value)) is not guest
        assert (str(places.runs_folder()) in str(error.value)) is not guest


@pytest.mark.parametrize("guest", [False, True])
def test_without_a_terminal_each_is_told_what_is_of_use_to_them(guest):
    with pytest.raises(LabError) as error:
        refuse_unusable_terminal({}, guest=guest)
    assert ("ssh -t" in str(error.value)) is guest
    assert ("tinylm train" in str(error.value)) is not guest


# ---- the printed text


def settings_of(text):
    """Each line that the server reads."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_what_holds_for_the_whole_server_stands_before_the_match_and_the_lab_is_forced_in_it():
    lines = settings_of(configuration("lab", "/opt/tinylm/bin/tinylm"))
    match = lines.index("Match User lab")
    assert lines[:match] == [f"PermitUserEnvironment {GUEST}", "MaxStartups 100:30:200"]
    assert lines[match + 1] == "ForceCommand /opt/tinylm/bin/tinylm --kiosk"
    assert "PasswordAuthentication yes" in lines[match:]
    assert not any("AcceptEnv" in line for line in lines)


def test_no_variant_that_is_told_goes_without_the_forced_command():
    text = configuration("lab", "/opt/tinylm/bin/tinylm")
    assert "without the ForceCommand" not in text
    assert f'restrict,pty,environment="{GUEST}=anna" ssh-ed25519' in text
    assert 'command="' not in text


@pytest.mark.parametrize("user", ["root", "", "-x", "a b", "a\nMatch all", "ü", "*", "a,b"])
def test_an_account_that_guests_must_not_have_is_refused(user):
    with pytest.raises(LabError):
        refuse_account(user)
    refuse_account("lab")


def test_the_printed_text_is_for_this_program(capsys, monkeypatch):
    monkeypatch.setattr(cli_kiosk, "parts", list)
    monkeypatch.setattr(sys, "argv", ["pytest"])
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve-config", "--user", "guests"])
    told = capsys.readouterr()
    assert (ended.value.code, told.err) == (0, "")
    assert told.out == configuration("guests", f"{sys.executable} -m tinylm_tui")
    assert max(map(len, told.out.splitlines())) <= 120 + len(sys.executable)


@POSIX
def test_a_program_that_guests_cannot_reach_is_told_in_the_text_and_beside_it(capsys, monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "mine" / "tinylm").write_text("")
    monkeypatch.setattr(cli_kiosk, "parts", lambda: [tmp_path / "mine" / "tinylm"])
    with pytest.raises(SystemExit):
        cli.main(["serve-config", "--user", NOBODY])
    told = capsys.readouterr()
    assert "/opt/tinylm" in told.err
    assert told.err.count("\n") == 1
    assert told.err.removeprefix("tinylm: ").strip() in told.out
    assert settings_of(told.out) == settings_of(configuration(NOBODY, cli_kiosk.program()))


@POSIX
@pytest.mark.parametrize(
    ("folder", "file", "closed"),
    [
        (0o755, 0o755, ""),
        (0o711, 0o755, ""),
        (0o750, 0o755, "home"),
        (0o755, 0o750, "tinylm"),
        (0o755, 0o751, "tinylm"),
    ],
)
def test_every_folder_on_the_way_and_the_file_itself_are_looked_at(monkeypatch, folder, file, closed):
    modes = {"/": 0o755, "/home": folder, "/home/tinylm": file}
    with monkeypatch.context() as only_here:
        only_here.setattr(Path, "stat", lambda path: os.stat_result((modes[str(path)], 0, 0, 1, *[0] * 6)))
        only_here.setattr(Path, "resolve", lambda path: path)
        told = reach_of(NOBODY, [Path("/home/tinylm")])
    assert (
        told.startswith(f"{NOBODY} cannot reach /home{'/tinylm' if closed == 'tinylm' else ''}:")
        if closed
        else not told
    )


@POSIX
def test_what_is_the_accounts_own_may_be_closed_to_others(tmp_path):
    import pwd

    if os.getuid() == 0:
        os.chown(tmp_path, pwd.getpwnam("nobody").pw_uid, -1)
    owner = pwd.getpwuid(tmp_path.stat().st_uid).pw_name
    tmp_path.chmod(0o700)
    assert cli_kiosk._open_to(owner, tmp_path, last=True)
    assert not cli_kiosk._open_to(NOBODY, tmp_path, last=True)
