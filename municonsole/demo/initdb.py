"""Making a new PostgreSQL's data: whole or not at all, UTF-8, a password for everybody."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from municonsole.demo.files import remove
from municonsole.demo.programs import Programs, complaint
from municonsole.demo.settings import HBA
from municonsole.domain.errors import MuniconsoleError

DRAFTS = "pgdata-draft-*"
"""What an attempt may leave beside its target when it is killed."""


def make_data(programs: Programs, target: Path, superuser: str, password: str) -> None:
    """Make the data in a draft beside its place and rename it.

    It is not forced to the disk: that takes 4 s on a busy one, and a machine that stops in the
    first half minute of a demo costs a demo that is made in seconds.

    :raises MuniconsoleError: with PostgreSQL's reason.
    """
    prefix = DRAFTS.removesuffix("*")
    draft = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    handle, name = tempfile.mkstemp(prefix=prefix, dir=target.parent)
    secret = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(password)
        if programs.account is not None:
            for path in (draft, secret):
                os.chown(path, programs.account.uid, programs.account.gid)
        _initdb(programs, f"--pgdata={draft}", f"--username={superuser}", f"--pwfile={secret}")
        (draft / "pg_hba.conf").write_text(HBA, encoding="ascii")
        draft.rename(target)
    finally:
        remove(secret)
        remove(draft)


def _initdb(programs: Programs, *options: str) -> None:
    """Run initdb; order is by code point, as in every C.UTF-8 whatever the system."""
    choices = [["--locale=C.UTF-8"]]
    if programs.major >= 17:
        # PostgreSQL's own C.UTF-8 needs nothing of the system, which may have no such locale.
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        choices = [[*builtin, "--locale=C.UTF-8"], [*builtin, "--locale=C"]]
    for choice in choices:
        answer = programs.run(
            "initdb",
            *options,
            *choice,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-instructions",
            "--no-sync",
        )
        if answer.returncode == 0:
            return
        if "invalid locale name" not in answer.stderr:
            break
    raise MuniconsoleError(f"PostgreSQL could not make its data: {complaint(answer.stderr)}")
