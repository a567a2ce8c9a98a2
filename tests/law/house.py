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

from law import desk
from municonsole.db import drift, migrate
from municonsole.demo.programs import embedded_bin_dir

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")

WITHOUT_ROW_SECURITY = {"schema_version", "law_version"}
"""They hold a number each, about nobody."""


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


def relations(database: Database, kinds: str = "rpvmf") -> list[str]:
    """Every table, partition and view of the schema, whatever there will be."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select relname from pg_class where relnamespace = 'muni'::regnamespace"
            " and relkind::text = any(%s) order by 1",
            (list(kinds),),
        ).fetchall()
    return [str(name) for (name,) in rows]


def functions(database: Database, condition: str) -> list[str]:
    """The functions of the schema for which a condition on pg_proc holds."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select p.oid::regprocedure::text from pg_proc as p"
            f" where p.pronamespace = 'muni'::regnamespace and ({condition}) order by 1"
        ).fetchall()
    return [str(name) for (name,) in rows]


def whole(connection: psycopg.Connection, relation: str) -> str:
    """Everything a login can read of a relation, as one text: by rows, else by single columns."""
    name = sql.Identifier("muni", relation)
    try:
        rows = connection.execute(sql.SQL("select t::text from {} as t").format(name)).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        rows = []
        columns = (
            connection.execute(
                "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0"
                " and not attisdropped and has_column_privilege(attrelid, attnum, 'select')",
                (f"muni.{relation}",),
            )
            if desk.value(connection, "select has_schema_privilege('muni', 'usage')")
            else ()
        )
        for (column,) in columns:
            rows += connection.execute(
                sql.SQL("select {}::text from {}").format(sql.Identifier(column), name)
            ).fetchall()
    return "\n".join(str(text) for (text,) in rows)


def first_columns(database: Database) -> dict[str, str]:
    """A column of each relation."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select c.relname, a.attname from pg_class as c join pg_attribute as a"
            " on a.attrelid = c.oid and a.attnum = 1 where c.relnamespace = 'muni'::regnamespace"
        ).fetchall()
    return {str(name): str(column) for name, column in rows}
