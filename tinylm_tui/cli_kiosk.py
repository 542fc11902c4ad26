"""The lab for guests: `tinylm --kiosk`, and `tinylm serve-config`, which prints how an ssh server gives it to them."""

from __future__ import annotations

import argparse
import os
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

GUEST = "TINYLM_GUEST"  # a guest's name, from the line of their key
# Everything outside the Match holds for the whole server, and everything in it beats what stands in any other file.
CONFIGURATION = """\
# {path}, printed by `tinylm serve-config` for this machine.
# Each guest who logs in as {user} gets the lab and nothing else: no shell, no files, no forwarding.
# For OpenSSH 7.9 or newer.
#
#   1. Make the account (it needs a shell, which ssh uses to start the lab, and a home for what guests save):
#        sudo useradd --create-home --shell /bin/sh {user}
#   2. Put this text into {path} and let the server read it
#      (on Red Hat and Fedora the last word is sshd):
#        sudo sshd -t && sudo systemctl reload ssh
#   3. Let guests in by password:
#        sudo passwd {user}
#      They all share one folder, and see each other's runs. Or let them in by key, each with a folder of their own:
#      a line for each in ~{user}/.ssh/authorized_keys
#        restrict,pty,environment="{guest}=anna" ssh-ed25519 AAAA… anna
#      A key without a name shares the folder of those who come by password.
#   4. A lab takes about 0.1 GB of memory, one core while it trains, and as much of the disk as its guest saves. Where
#      many share the machine, put --duty 0.3 behind --kiosk (30 % of a core for each trainer), and set limits: a quota
#      for {user} on the disk, and, where logins are systemd's, one on all labs together:
#        sudo systemctl set-property user-$(id -u {user}).slice MemoryMax=8G CPUQuota=400%
{warning}
# The name in the line of a key comes in through this, and no other variable does. AcceptEnv must not let it through,
# or guests name themselves; the usual AcceptEnv LANG LC_* does not.
PermitUserEnvironment {guest}
# A class logs in all at once: by default the server drops logins at random from the tenth on. From 9.8 on it also shuts
# an address out for a while after failed logins; where a class is behind one address, exempt it (take the # away):
# PerSourcePenaltyExemptList 192.0.2.1
MaxStartups 100:30:200
Match User {user}
    # Whatever else a guest asks for, and however they came in, this is what they get.
    ForceCommand {program} --kiosk
    # Many servers allow no passwords. Where all guests have keys: no.
    PasswordAuthentication yes
    PermitTTY yes
    DisableForwarding yes
    AllowTcpForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTunnel no
    PermitUserRC no
    # A line that has died without a word is given up after one to two minutes where its lab is at rest. Where it
    # trains, and so still has something to send, only TCP ends it, on Linux after about a quarter of an hour; with
    # sysctl net.ipv4.tcp_retries2=8 (for the whole machine) after about two minutes. Until then it holds its run.
    ClientAliveInterval 15
    ClientAliveCountMax 3
    SetEnv LANG=C.UTF-8
"""
WHERE = "/etc/ssh/sshd_config.d/tinylm.conf"
UNREACHABLE = "{user} cannot reach {place}: install the lab where everybody can, in /opt/tinylm for instance"


def serve_config_options(sub: argparse.ArgumentParser) -> None:
    """Options of `tinylm serve-config`."""
    sub.add_argument("--user", default="lab", help="the account that guests log in to (lab)")


def serve_config(options: argparse.Namespace) -> None:
    """`tinylm serve-config`: an OpenSSH configuration with the paths of this machine. Raises LabError."""
    refuse_account(options.user)
    warning = reach_of(options.user, parts())
    print(configuration(options.user, program(), warning), end="")
    if warning:
        print(f"tinylm: {warning}", file=sys.stderr)


def refuse_account(user: str) -> None:
    """Raises LabError for a name that no account has, and for one that guests must not have."""
    from tinylm_tui.lab.errors import SettingError

    if not user or not all(c.isascii() and (c.isalnum() or c in "-_.") for c in user) or user.startswith("-"):
        raise SettingError("an account's name has letters, digits, - and _: lab would do")
    if user == "root":
        raise SettingError("guests cannot be root, and root would lose its shell by this: lab would do")


def configuration(user: str, program: str, warning: str = "") -> str:
    """The text for the server."""
    told = f"#\n# NOTE: {warning}\n" if warning else ""
    return CONFIGURATION.format(path=WHERE, user=user, program=program, guest=GUEST, warning=told.rstrip())


def program() -> str:
    """The command that starts this very lab, as a shell reads it."""
    script = _script()
    return shlex.quote(str(script)) if script else f"{shlex.quote(sys.executable)} -m tinylm_tui"


def _script() -> Path | None:
    script = Path(sys.argv[0])
    return script.resolve() if script.name == "tinylm" and script.exists() else None


def parts() -> list[Path]:
    """What must be reached to start this lab: the script, the interpreter, the package."""
    return [*filter(None, [_script()]), Path(sys.executable), Path(__file__).parent]


def reach_of(user: str, places: list[Path]) -> str:
    """A sentence on the first file or folder that the account cannot get at; empty where it can reach all of it."""
    for place in places:
        for each in (place.absolute(), place.resolve()):  # the way through a link, and where it leads
            for step in [*reversed(each.parents), each]:
                if not _open_to(user, step, last=step == each):
                    return UNREACHABLE.format(user=user, place=step)
    return ""


def _open_to(user: str, place: Path, *, last: bool) -> bool:
    """Whether an account in no group of the place's may pass through the folder, or read and run what is last."""
    if os.name != "posix":
        return True
    import pwd

    found, needed = place.stat(), 0o5 if last else 0o1
    try:
        own = found.st_uid == pwd.getpwnam(user).pw_uid
    except KeyError:  # the account is yet to be made
        own = False
    return stat.S_IMODE(found.st_mode) >> (6 if own else 0) & needed == needed


def kiosk_options(top: argparse.ArgumentParser) -> None:
    """Options of the lab for guests."""
    top.add_argument("--kiosk", action="store_true", help="for guests: only starter texts and their own runs")
    top.add_argument("--guest", metavar="NAME", help=f"with --kiosk: a folder of their own for each guest (or {GUEST})")


def enter_kiosk(guest: str | None, environ: Mapping[str, str] = os.environ) -> None:
    """From now on this process opens and saves only in the guest's own folder. Raises LabError.

    Without a name on the command line, which is the administrator's, the one that came with the guest's key counts.
    """
    from platformdirs import user_data_path

    from tinylm_tui.lab.confining import confine, folder_inside
    from tinylm_tui.ui.places import data_folder, own_folder

    name = guest if guest is not None else environ.get(GUEST)
    if name is not None:
        guests = user_data_path("tinylm-guests", appauthor=False)
        guests.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_STATE_HOME"] = str(folder_inside(guests, name))
    own_folder("runs")
    confine(data_folder())
