"""Through a real ssh server: each guest gets the lab, and nothing else.

The server listens on loopback only, on a free port, with keys made for the test; it ends with the test.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from ssh_server import NAMELESS, SSHD, Server, free_port
from terminal import SIGNS, Terminal

pytestmark = pytest.mark.skipif(
    not SSHD or not shutil.which("ssh") or not shutil.which("ssh-keygen"),
    reason="needs an OpenSSH server and client (Debian: openssh-server, openssh-client)",
)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    one = Server(folder)
    yield one
    one.close()


@pytest.fixture
def login(server, surroundings, tmp_path):
    """Log in with the real client, in a terminal of its own."""
    opened = []

    def into(*options: str, at: Server = server, key: str = NAMELESS) -> Terminal:
        one = Terminal(at.client("-tt", *options, key=key), (80, 24), surroundings, tmp_path)
        opened.append(one)
        return one.until("Corpus").until("step").settle()

    yield into
    for one in opened:
        one.close()


def test_a_guest_trains_looks_at_every_screen_resizes_and_quits(login):
    one = login()
    one.send("2")
    one.until("loss in nats").train(20).pause()
    one.walk("".join(SIGNS))
    one.resize(120, 36)
    one.send("4")
    one.until("count").settle()
    assert one.end("q") == 0
    assert one.is_restored()


def test_each_guest_has_a_folder_of_their_own_and_login_after_login_it_is_the_same(server, login):
    one = login(key="anna")
    one.train(5).pause().pump(2.0)  # it is saved within a second of the pause
    reached = one.step()
    assert one.end("q") == 0
    other = login(key="bea")
    assert "Go on?" not in other.text
    assert other.end("q") == 0
    two = login(key="anna")
    two.until("Go on?").send("\r")
    two.until_true(lambda: two.step() == reached, "the step of the first login")
    assert two.end("q") == 0
    assert server.guests == ["anna", "bea"]


@pytest.mark.parametrize(("key", "guests"), [(NAMELESS, []), ("anna", ["anna"])])
def test_a_guest_cannot_take_anothers_name(server, login, key, guests):
    assert login("-o", "SetEnv=TINYLM_GUEST=bea", key=key).end("q") == 0
    assert server.guests == guests


def test_a_server_that_accepted_the_name_from_clients_would_let_them_in(tmp_path, login):
    folder = tmp_path / "open"
    folder.mkdir(mode=0o700)
    careless = Server(folder, accepted="TINYLM_*")
    try:
        assert login("-o", "SetEnv=TINYLM_GUEST=bea", at=careless).end("q") == 0
        assert careless.guests == ["bea"]  # so the test above can fail
    finally:
        careless.close()


@pytest.mark.parametrize("key", [NAMELESS, "anna"])
def test_a_command_of_the_guests_own_is_not_run(server, surroundings, key):
    asked = subprocess.run(
        [*server.client("-T", key=key), "sh -c id"],
        env=surroundings, capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert asked.returncode == 2
    assert b"uid=" not in asked.stdout + asked.stderr
    assert b"ssh -t" in asked.stderr
    assert b"tinylm train" not in asked.stderr


@pytest.mark.parametrize("key", [NAMELESS, "anna"])
def test_a_command_of_the_guests_own_opens_the_lab_in_a_terminal(server, surroundings, tmp_path, key):
    one = Terminal([*server.client("-tt", key=key), "sh"], (80, 24), surroundings, tmp_path)
    try:
        assert one.until("Corpus").until("step").settle().end("q") == 0
    finally:
        one.close()


@pytest.mark.parametrize("key", [NAMELESS, "anna"])
def test_files_cannot_be_copied(server, surroundings, tmp_path, key):
    batch = tmp_path / "batch"
    batch.write_text("get /etc/hostname\n")
    client = server.client(key=key)[1:-1]
    options = [option if option != "-p" else "-P" for option in client]
    asked = subprocess.run(
        ["sftp", *options, "-b", str(batch), f"{server.user}@127.0.0.1"],
        env=surroundings, cwd=tmp_path, capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert asked.returncode != 0
    assert not (tmp_path / "hostname").exists()


def test_nothing_is_forwarded(server, login, surroundings):
    there, here = free_port(), free_port()
    with socket.socket() as target:
        target.bind(("127.0.0.1", there))
        target.listen()
        options = ["-L", f"{here}:127.0.0.1:{there}", "-N"]
        process = subprocess.Popen(server.client(*options), env=surroundings, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
        try:
            end = time.monotonic() + 20
            while time.monotonic() < end:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", here)) == 0:
                        probe.settimeout(10)
                        assert probe.recv(1) == b""  # the channel was refused, and our end of it closed
                        break
                time.sleep(0.05)
            target.settimeout(0.5)
            with pytest.raises(TimeoutError):
                target.accept()
        finally:
            process.kill()
            process.communicate()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_connection_cut_in_mid_training_saves_the_run_and_the_next_login_goes_on(server, login, note):
    one = login()
    one.send("2")
    one.until("loss in nats").train(60)
    os.kill(one.pid, signal.SIGKILL)  # the client is gone without a word
    cut = time.monotonic()
    assert server.nobody_left(2.0), server.others()
    note("processes gone", time.monotonic() - cut, "s after the cut")
    two = login()
    two.until("Go on?").send("\r")
    two.until_true(lambda: two.step() >= 60, "the steps that were made")
    assert two.end("q") == 0


def test_only_plain_names_of_own_runs_can_be_opened_and_saved(login):
    one = login()
    for asked, answer in (("/etc/hostname", "no plain name"), ("../x", "no plain name"), ("nothing", "no saved run")):
        one.send("\x0f")
        one.until("A run that you saved here")
        one.send(f"{asked}\r")
        one.until(answer)
        one.send("\x1b")
        one.settle()
    one.send("\x13")
    one.until("Save this run")
    assert "or a path" not in one.text
    one.send("\x15/tmp/stolen\r")  # ctrl+u empties the field
    one.until("no plain name")
    one.send("\x1b")
    one.settle()
    assert one.end("q") == 0


def test_the_printed_configuration_passes_the_servers_own_check(server):
    command = [str(SSHD), "-t", "-f", str(server.folder / "sshd_config")]
    checked = subprocess.run(command, capture_output=True, timeout=60)
    assert checked.returncode == 0, checked.stderr
    assert not re.search(r"[Uu]nsupported|[Dd]eprecated", checked.stderr.decode())
