"""Looking at a database from outside: its whole schema as pg_dump writes it, and its catalog."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from support.database import Database, bin_dir

from municonsole.db import drift, migrate
from municonsole.demo.programs import embedded_bin_dir

REVISIONS = ("0001", "0002", "0003")


def dumped(database: Database) -> str:
    """Every definition in the schema, comments and grants included, as pg_dump writes it."""
    done = subprocess.run(
        [
            str((bin_dir() or embedded_bin_dir()) / "pg_dump"),
            *("--schema-only", "--schema=muni", "--no-password"),
            f"--dbname={database.owner_dsn}",
        ],
        env={"PGPASSWORD": database.owner_password},
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(
        line
        for line in done.stdout.splitlines()
        if not line.startswith(("\\restrict", "\\unrestrict", "--"))
    )


def seen(database: Database) -> dict[str, str]:
    """The catalog of a database as ``db check`` sees it."""
    with psycopg.connect(
        database.owner_dsn, password=database.owner_password, autocommit=True
    ) as connection:
        return drift.snapshot(connection)


def upgrade(database: Database, to: str = "head") -> None:
    """Bring a database to a revision, as its owner."""
    migrate.upgrade(database.owner_dsn, password=database.owner_password, to=to)


def check(database: Database) -> list[str]:
    """What ``db check`` says, as the owner."""
    return migrate.check(database.owner_dsn, password=database.owner_password)


def scratch_databases(database: Database) -> list[str]:
    """The databases on the server that a check has made and not dropped."""
    rows = database.connect(database.owner).execute(
        "select datname from pg_database where datname like 'muni\\_check\\_%'"
    )
    return [str(name) for (name,) in rows]


def copied_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the upgrade read a copy of the migrations, which the test may change; gives its folder."""
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "folder", lambda: copy)
    return copy


@contextmanager
def plain_login(database: Database, name: str, attributes: str = "") -> Iterator[tuple[str, str]]:
    """Give a new login's connection string and password; the role is gone afterwards."""
    owner = database.connect(database.owner)
    role = sql.Identifier(name)
    owner.execute(
        sql.SQL("create role {} login {} password 'a plain one'").format(role, sql.SQL(attributes))
    )
    try:
        yield database.dsn(name), "a plain one"
    finally:
        owner.execute(sql.SQL("drop role {}").format(role))
