"""A PostgreSQL server for one test process, and a database of its own for each test."""

from __future__ import annotations

import itertools
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from municonsole.db import migrate
from municonsole.demo.cluster import Cluster
from support import world
from support.folders import new_folder
from support.scram import verifier

OWNER = "test_owner"
TEMPLATE = "municonsole_template"


@dataclass(slots=True)
class Database:
    """One test's database, in the state of the fixed world (see ``support.world``).

    Logins are those of ``world.PEOPLE`` (``tvd_operator``, ``tvd_manager``, ``tvd_admin``,
    ``tvd_saps``, the same of ``ksb`` …), ``world.WORKER``, ``world.INTAKE``, ``world.STRANGER`` and
    the database's owner, who may ``set role muni_owner``.
    """

    host: str
    port: int
    dbname: str
    owner: str
    passwords: dict[str, str] = field(repr=False)
    _opened: list[psycopg.Connection] = field(default_factory=list, repr=False)

    def dsn(self, username: str) -> str:
        """Give a connection string for this login, without the password."""
        return make_conninfo(host=self.host, port=self.port, dbname=self.dbname, user=username)

    def password(self, username: str) -> str:
        """Give the password of a login."""
        return self.passwords[username]

    @property
    def owner_dsn(self) -> str:
        """The owner's connection string, without the password."""
        return self.dsn(self.owner)

    @property
    def owner_password(self) -> str:
        """The owner's password."""
        return self.passwords[self.owner]

    def connect(self, username: str, *, autocommit: bool = True) -> psycopg.Connection:
        """Log in with the password (SCRAM over TCP); closed at the end of the test."""
        connection = psycopg.connect(
            self.dsn(username), password=self.passwords[username], autocommit=autocommit
        )
        self._opened.append(connection)
        return connection

    def connect_owner(self) -> psycopg.Connection:
        """Log in as the owner and act as ``muni_owner``, who may write every table. Autocommit."""
        connection = self.connect(self.owner)
        connection.execute("set role muni_owner")
        connection.execute("set search_path = muni, pg_temp")
        return connection

    def close(self) -> None:
        """Close every connection the test has opened."""
        for connection in self._opened:
            connection.close()


def bin_dir() -> Path | None:
    """Where PostgreSQL's programs are that the tests use: None stands for the embedded ones."""
    chosen = os.environ.get("MUNICONSOLE_TEST_PG_BIN")
    return Path(chosen) if chosen else None


class Server:
    """The test process's own server: roles are a server's, so processes cannot share one."""

    def __init__(self) -> None:
        self.cluster = Cluster(new_folder(), bin_dir(), durable=False)
        self.passwords: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._admin: psycopg.Connection | None = None
        self._template = "missing"

    def start(self) -> None:
        """Start the server and make the owner, who is no superuser."""
        self.cluster.start()
        self._admin = psycopg.connect(self.cluster.superuser_dsn(), autocommit=True)
        self.passwords[OWNER] = secrets.token_urlsafe(12)
        self._admin.execute(
            sql.SQL("create role {} login createdb createrole password {}").format(
                sql.Identifier(OWNER),
                sql.Literal(verifier(self.passwords[OWNER])),
            )
        )

    def close(self) -> None:
        """Stop the server and remove all of it."""
        if self._admin is not None:
            self._admin.close()
        self.cluster.wipe()

    @property
    def admin(self) -> psycopg.Connection:
        """A superuser's connection, which only makes and drops databases."""
        if self._admin is None:
            raise RuntimeError("the test server has not been started")
        return self._admin

    def blank(self) -> Database:
        """Give a new, empty database that belongs to the owner."""
        return self._create(f"test_{next(self._numbers)}", "template0")

    def fresh(self, template: str = TEMPLATE) -> Database:
        """Give a new database with the schema, the law and the fixed world, or what was kept beside."""
        self._ensure_template()
        database = self._create(f"test_{next(self._numbers)}", template)
        # Rights on a database itself are not copied with it: as the upgrade states them.
        name = sql.Identifier(database.dbname)
        self.admin.execute(
            sql.SQL("revoke create, temporary on database {} from public").format(name)
        )
        self.admin.execute(sql.SQL("grant create on database {} to muni_owner").format(name))
        return database

    def drop(self, database: Database) -> None:
        """Close the test's connections and remove its database, whoever is still connected."""
        database.close()
        self.admin.execute(
            sql.SQL("drop database if exists {} with (force)").format(
                sql.Identifier(database.dbname)
            )
        )

    def _create(self, dbname: str, template: str) -> Database:
        self.admin.execute(
            sql.SQL("create database {} owner {} template {} strategy file_copy").format(
                sql.Identifier(dbname), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )
        return Database(
            self.cluster.host, self.cluster.port, dbname, OWNER, passwords=self.passwords
        )

    def _ensure_template(self) -> None:
        """Migrate and fill a database once; each test gets a copy of it."""
        if self._template == "ready":
            return
        if self._template == "failed":
            raise RuntimeError("the template database failed; the first test's error says why")
        self._template = "failed"
        database = self._create(TEMPLATE, "template0")
        migrate.upgrade(database.owner_dsn, password=database.owner_password)
        with psycopg.connect(
            database.owner_dsn, password=database.owner_password, autocommit=True
        ) as owner:
            self.passwords |= world.create_logins(owner)
            world.fill(owner)
        self._template = "ready"
