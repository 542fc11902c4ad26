"""Through a real ssh server: each guest gets the lab, and nothing else.

The server listens on loopback only, on a free port, with keys made for the test; it ends with the test.
"""

from __future__ import annotations

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from terminal import SIGNS, Terminal

from tinylm_tui.cli_kiosk import configuration

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/sbin")
PROGRAM = f"{sys.executable} -m tinylm_tui"
pytestmark = pytest.mark.skipif(
    not SSHD or not shutil.which("ssh") or not shutil.which("ssh-keygen"),
    reason="needs an OpenSSH server and client (Debian: openssh-server, openssh-client)",
)


class Server:
    """An sshd for one person, configured with what `tinylm serve-config` prints."""

    def __init__(self, folder: Path, program: str = PROGRAM) -> None:
        self.folder, self.port, self.user = folder, free_port(), getpass.getuser()
        for name in ("host", "guest"):
            key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(key, check=True, timeout=60, stdin=subprocess.DEVNULL)
        shutil.copy(folder / "guest.pub", folder / "authorized_keys")
        (folder / "home").mkdir()
        (folder / "sshd_config").write_text(self._settings(program))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where a server that root starts goes to be harmless
        with open(folder / "log", "wb") as log:
            command = [str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, stdout=log)
        self._wait()

    def _settings(self, program: str) -> str:
        own = (
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self.folder}/authorized_keys\nStrictModes no\nPasswordAuthentication no\n"
            "PermitRootLogin yes\nSubsystem sftp internal-sftp\nLogLevel VERBOSE\n"
        )
        where = {"HOME": str(self.folder / "home"), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        setting = " ".join(f'{name}="{value}"' for name, value in where.items() if value)
        wanted = configuration(self.user, program).replace("SetEnv LANG=C.UTF-8", f"SetEnv LANG=C.UTF-8 {setting}")
        there = f"ForceCommand cd {Path.cwd()} && env {setting} {program}"
        return own + wanted.replace(f"ForceCommand {program}", there)

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not listen")

    def client(self, *options: str) -> list[str]:
        """The command line of a client; a command may follow."""
        trust = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known", "-F", "none"]
        login = ["-i", str(self.folder / "guest"), "-p", str(self.port), "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        return ["ssh", *trust, *login, *options, f"{self.user}@127.0.0.1"]

    def others(self) -> dict[int, str]:
        """The lab's processes that this server has started, by their home."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"HOME={self.folder}/home".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def nobody_left(self, patience: float) -> bool:
        end = time.monotonic() + patience
        while self.others() and time.monotonic() < end:
            time.sleep(0.02)
        return not self.others()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in self.others():
            os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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

    def into(*, drawn: bool = True) -> Terminal:
        one = Terminal(server.client("-tt"), (80, 24), surroundings, tmp_path)
        opened.append(one)
        return one.until("Corpus").until("step").settle() if drawn else one

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


def test_a_command_of_the_guests_own_is_not_run(server, surroundings):
    asked = subprocess.run(
        [*server.client("-T"), "sh -c id"], env=surroundings, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert asked.returncode == 2
    assert b"uid=" not in asked.stdout + asked.stderr
    assert b"terminal" in asked.stderr


def test_files_cannot_be_copied(server, surroundings, tmp_path):
    batch = tmp_path / "batch"
    batch.write_text("get /etc/hostname\n")
    client = server.client()[1:-1]
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
        one.until("A text (.txt)")
        one.send(f"{asked}\r")
        one.until(answer)
        one.send("\x1b")
        one.settle()
    one.send("\x13")
    one.until("Save this run")
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
