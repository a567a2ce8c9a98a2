"""The owner's look at the evidence: every chain walked, chain heads kept elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg

from municonsole.db import evidence
from municonsole.db.connection import connect_sync
from municonsole.db.errors import translate
from municonsole.db.evidence import Findings, Heads
from municonsole.domain.errors import InvalidInput, Refused

_FORMAT: Final = "municonsole chain heads 1"


def verify(
    dsn: str,
    password: str | None,
    against: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Findings:
    """Walk every chain of the database; with `against`, also that no kept head has gone."""
    kept = read_heads(against) if against is not None else None
    try:
        with connect_sync(dsn, password=password, autocommit=True) as connection:
            return evidence.verify(connection, kept, progress)
    except psycopg.errors.InsufficientPrivilege:
        raise Refused("the evidence is checked by the login that owns the database") from None
    except psycopg.Error as error:
        raise translate(error) from None


def export(dsn: str, password: str | None, file: Path) -> int:
    """Write the chain heads to `file`, which must not exist and only its owner can read; how many.

    The file names no ticket and tells of none whether it is a GBV report.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidInput(
            f"{file} exists already; heads are kept in a new file each time"
        ) from None
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}") from None
    count = 0
    try:
        with (
            os.fdopen(descriptor, "w", encoding="utf-8") as out,
            connect_sync(dsn, password=password, autocommit=True) as connection,
        ):
            out.write(json.dumps({"format": _FORMAT}) + "\n")
            for name, seq, link in evidence.heads(connection):
                out.write(json.dumps([name, seq, link]) + "\n")
                count += 1
    except psycopg.errors.InsufficientPrivilege:
        file.unlink()
        raise Refused("the evidence is exported by the login that owns the database") from None
    except BaseException as error:
        file.unlink()
        if isinstance(error, psycopg.Error):
            raise translate(error) from None
        raise
    return count


def read_heads(file: Path) -> Heads:
    """The heads of a file written by `export`. Raises InvalidInput, naming file and line."""
    try:
        with file.open(encoding="utf-8") as lines:
            if json.loads(next(lines, "null")) != {"format": _FORMAT}:
                raise InvalidInput(f"{file} is not a file of chain heads that audit export wrote")
            heads: Heads = {}
            for number, line in enumerate(lines, start=2):
                match json.loads(line):
                    case [str(name), int(seq), str(link)] if seq > 0:
                        heads[name] = (seq, link)
                    case _:
                        raise InvalidInput(f"{file}, line {number}: not a chain head")
            return heads
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise InvalidInput(f"{file} is not a file of chain heads that audit export wrote") from None
