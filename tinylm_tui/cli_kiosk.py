"""The lab for guests: `tinylm --kiosk`, and `tinylm serve-config`, which prints how an ssh server gives it to them."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

CONFIGURATION = """\
# {path}, printed by `tinylm serve-config` for this machine.
# Each guest who logs in as {user} gets the lab and nothing else: no shell, no files, no forwarding.
#
#   1. Make the account (it needs a shell, which ssh uses to start the lab, and a home for what guests save):
#        sudo useradd --create-home --shell /bin/sh {user}
#   2. Put this text into {path} and let the server read it:
#        sudo sshd -t && sudo systemctl reload ssh
#   3. Let guests in by password (sudo passwd {user}), or by key. One account can serve many guests, each with a
#      folder of their own: a line for each in ~{user}/.ssh/authorized_keys
#        restrict,pty,command="{program} --kiosk --guest anna" ssh-ed25519 AAAA… anna
#      and without the ForceCommand below, which would take its place.
Match User {user}
    ForceCommand {program} --kiosk
    PermitTTY yes
    DisableForwarding yes
    AllowTcpForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTunnel no
    PermitUserRC no
    ClientAliveInterval 15
    ClientAliveCountMax 4
    SetEnv LANG=C.UTF-8
"""
WHERE = "/etc/ssh/sshd_config.d/tinylm.conf"


def serve_config_options(sub: argparse.ArgumentParser) -> None:
    """Options of `tinylm serve-config`."""
    sub.add_argument("--user", default="lab", help="the account that guests log in to (lab)")


def serve_config(options: argparse.Namespace) -> None:
    """`tinylm serve-config`: an OpenSSH configuration with the paths of this machine."""
    print(configuration(options.user, program()), end="")


def configuration(user: str, program: str) -> str:
    """The text for the server. Raises LabError for a name that no account has."""
    from tinylm_tui.lab.errors import SettingError

    if not user or not all(c.isascii() and (c.isalnum() or c in "-_.") for c in user) or user.startswith("-"):
        raise SettingError("an account's name has letters, digits, - and _: lab would do")
    return CONFIGURATION.format(path=WHERE, user=user, program=program)


def program() -> str:
    """The command that starts this very lab, as a shell reads it."""
    script = Path(sys.argv[0])
    if script.name == "tinylm" and script.exists():
        return shlex.quote(str(script.resolve()))
    return f"{shlex.quote(sys.executable)} -m tinylm_tui"


def kiosk_options(top: argparse.ArgumentParser) -> None:
    """Options of the lab for guests."""
    top.add_argument("--kiosk", action="store_true", help="for guests: only starter texts and their own runs")
    top.add_argument("--guest", metavar="NAME", help="with --kiosk: a folder of their own for each guest")


def enter_kiosk(guest: str | None) -> None:
    """From now on this process opens and saves only in the guest's own folder. Raises LabError."""
    from platformdirs import user_data_path

    from tinylm_tui.lab.confining import confine, inside
    from tinylm_tui.ui.places import data_folder, own_folder

    if guest is not None:
        guests = user_data_path("tinylm-guests", appauthor=False)
        guests.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_STATE_HOME"] = str(inside(guests, guest))
    own_folder("runs")
    confine(data_folder())
