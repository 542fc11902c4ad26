"""A real ssh server on loopback, set up as `tinylm serve-config` says."""

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

from tinylm_tui.cli_kiosk import configuration

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/sbin")
PROGRAM = f"{sys.executable} -m tinylm_tui"
NAMELESS, NAMED = "guest", ("anna", "bea")  # keys


class Server:
    """An sshd for one person, configured with what `tinylm serve-config` prints."""

    def __init__(self, folder: Path, program: str = PROGRAM, accepted: str = "LANG LC_*") -> None:
        """`accepted`: the variables that clients may send."""
        self.folder, self.port, self.user = folder, free_port(), getpass.getuser()
        for name in ("host", NAMELESS, *NAMED):
            key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(key, check=True, timeout=60, stdin=subprocess.DEVNULL)
        (folder / "home").mkdir()
        (folder / "authorized_keys").write_text(self._keys(program))
        (folder / "sshd_config").write_text(self._settings(program) + f"Match all\n    AcceptEnv {accepted}\n")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where a server that root starts goes to be harmless
        with open(folder / "log", "wb") as log:
            command = [str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, stdout=log)
        self._wait()

    def _keys(self, program: str) -> str:
        """A key without any options, and the others as the printed text says."""
        options = re.search(r"(restrict,.*) ssh-ed25519 AAAA", configuration(self.user, program))[1]
        lines = [f"{options.replace('anna', name)} {(self.folder / f'{name}.pub').read_text()}" for name in NAMED]
        return (self.folder / f"{NAMELESS}.pub").read_text() + "".join(lines)

    @property
    def guests(self) -> list[str]:
        """Who has a folder of their own."""
        return sorted(one.name for one in (self.folder / "home/.local/share/tinylm-guests").glob("*"))

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

    def client(self, *options: str, key: str = NAMELESS) -> list[str]:
        """The command line of a client; a command may follow."""
        trust = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known", "-F", "none"]
        login = [
            "-i",
            str(self.folder / key),
            "-o",
            "IdentitiesOnly=yes",
            "-p",
            str(self.port),
            "-o",
            "BatchMode=yes",
            "-o",
            "LogLevel=ERROR",
        ]
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
