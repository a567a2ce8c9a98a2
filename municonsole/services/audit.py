"""The owner's look at the evidence: every chain walked, chain heads kept elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from municonsole.db import evidence, migrate, owner
from municonsole.db.connection import connect_sync
from municonsole.db.errors import translate
from municonsole.db.evidence import Findings, Heads
from municonsole.domain.errors import InvalidInput, MuniconsoleError, Refused

_FORMAT: Final = "municonsole chain heads 1"


def verify(
    dsn: str,
    password: str | None,
    against: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Findings:
    """Walk every chain of the database; with `against`, also that no kept head has gone."""
    kept = read_heads(against) if against is not None else None
    with _owners(dsn, password, "checked") as connection:
        return evidence.verify(connection, kept, progress)


def export(
    dsn: str, password: str | None, file: Path, progress: Callable[[int], None] = lambda _: None
) -> int:
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
            _owners(dsn, password, "exported") as connection,
        ):
            out.write(json.dumps({"format": _FORMAT}) + "\n")
            for name, seq, link in evidence.heads(connection):
                out.write(json.dumps([name, seq, link]) + "\n")
                count += 1
                if count % 1_000 == 0:
                    progress(count)
            out.flush()
            os.fsync(descriptor)  # what is said to be kept is on the disk
    except OSError as error:
        file.unlink()
        raise MuniconsoleError(f"{file} cannot be written: {error.strerror}") from None
    except BaseException:
        file.unlink()
        raise
    return count


@contextmanager
def _owners(dsn: str, password: str | None, what: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection; whoever else asks reads by whom the evidence is checked or exported."""
    try:
        with connect_sync(dsn, password=password, autocommit=True) as connection:
            if not owner.owns(connection):
                raise Refused(f"the evidence is {what} by the login that owns the database")
            migrate.require_current(migrate.version_of(connection))
            yield connection
    except psycopg.Error as error:
        raise translate(error) from None


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
