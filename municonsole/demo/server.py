"""The demo: a server of its own with schema, law, people and tickets, ready for a console."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from municonsole.db import migrate
from municonsole.db.connection import connect_sync
from municonsole.demo.cluster import Cluster
from municonsole.demo.files import write_private
from municonsole.domain.errors import InvalidInput, MuniconsoleError
from municonsole.domain.values import Role

if TYPE_CHECKING:
    from municonsole.demo.seed import Login as Person

FOLDER_VARIABLE = "MUNICONSOLE_DEMO_DIR"
DATABASE = "municonsole"
OWNER = "muni_demo_owner"
WORKER = "muni_demo_worker"
TICKETS = 5_000
SEED = 1

# The database gets its real name when it is complete: under this one it is not.
_DRAFT = "municonsole_draft"
_GROUPS = {
    Role.OPERATOR: "muni_operator",
    Role.MANAGER: "muni_manager",
    Role.ADMIN: "muni_admin",
    Role.SAPS_LIAISON: "muni_saps",
}


@dataclass(frozen=True, slots=True)
class Credential:
    """A login of the demo that is no operator: the owner, the worker."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Login:
    """An operator of the demo; fields as ``demo up --json`` prints them."""

    username: str
    password: str
    role: str
    municipality: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where it is and who may log in."""

    host: str
    port: int
    dbname: str
    owner: Credential
    worker: Credential
    logins: tuple[Login, ...]

    def dsn(self, username: str) -> str:
        """Give the connection string of a login, without the password."""
        return make_conninfo(host=self.host, port=self.port, dbname=self.dbname, user=username)

    def login(self, role: str) -> Login:
        """Give the first login of a role."""
        return next(login for login in self.logins if login.role == role)


@dataclass(frozen=True, slots=True)
class _Contents:
    """What ``demo.json`` keeps: what the database was filled with, and everybody's password."""

    tickets: int
    seed: int
    owner: Credential
    worker: Credential
    logins: tuple[Login, ...]


def _silent(_sentence: str) -> None:
    pass


def _no_progress(_done: int, _total: int) -> None:
    pass


class DemoServer:
    """The demo's server and its one database, in the folder of whoever calls.

    :param folder: where everything is kept; else ``MUNICONSOLE_DEMO_DIR``, else the data folder of
        the user (for root, whose own folder the server's account cannot enter: under /var/lib).
    :param bin_dir: PostgreSQL's programs, the embedded ones when None.
    :param say: told in one sentence whatever takes time or was mended.
    :param progress: told how many tickets of how many are written.
    """

    def __init__(
        self,
        folder: Path | None = None,
        bin_dir: Path | None = None,
        *,
        say: Callable[[str], None] = _silent,
        progress: Callable[[int, int], None] = _no_progress,
    ) -> None:
        self._say = say
        self._progress = progress
        self.cluster = Cluster(folder or demo_folder(), bin_dir, say=say)
        self._file = self.cluster.data_dir / "demo.json"

    def up(self, tickets: int | None = None, seed: int | None = None) -> Demo:
        """Start or join the server, and make, complete or bring up to date its database.

        ``tickets`` and ``seed`` say what a new database is filled with; None takes what is there.

        :raises InvalidInput: when a database filled otherwise is there already.
        :raises MuniconsoleError: one sentence saying what stands in the way.
        """
        self.cluster.start()
        with self.cluster.lock(), self._superuser() as superuser:
            names = {str(name) for (name,) in superuser.execute("select datname from pg_database")}
            if DATABASE in names:
                contents = self._read()
                _refuse_other_contents(contents, tickets, seed)
                self._bring_up_to_date(contents)
            else:
                if _DRAFT in names:
                    self._say("The demo's database was left half filled; it is made anew.")
                contents = self._make(
                    superuser,
                    TICKETS if tickets is None else tickets,
                    SEED if seed is None else seed,
                )
        return Demo(
            self.cluster.host,
            self.cluster.port,
            DATABASE,
            contents.owner,
            contents.worker,
            contents.logins,
        )

    def down(self, *, wipe: bool = False) -> bool:
        """Stop the server, with ``wipe`` remove everything; tell whether it ran."""
        was_running = self.cluster.is_running()
        if wipe:
            self.cluster.wipe(self._file)
        else:
            self.cluster.stop()
        return was_running

    # ------------------------------------------------------------------ making

    @contextlib.contextmanager
    def _superuser(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        with connect_sync(self.cluster.superuser_dsn(), autocommit=True) as connection:
            yield connection

    def _make(
        self, superuser: psycopg.Connection[tuple[object, ...]], tickets: int, seed: int
    ) -> _Contents:
        """Make the database under its draft name and rename it when it is complete."""
        owner = Credential(OWNER, secrets.token_urlsafe(16))
        self._set_login(superuser, owner, sql.SQL("createdb createrole"))
        superuser.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(_DRAFT))
        )
        superuser.execute(
            sql.SQL("create database {} owner {}").format(
                sql.Identifier(_DRAFT), sql.Identifier(OWNER)
            )
        )
        dsn = make_conninfo(
            host=self.cluster.host, port=self.cluster.port, dbname=_DRAFT, user=OWNER
        )
        # Imported by the one who makes the demo; whoever joins it opens the console sooner.
        from municonsole.demo import seed as seeding

        self._say("Making the tables …")
        migrate.upgrade(dsn, password=owner.password)
        with connect_sync(dsn, password=owner.password, autocommit=True) as connection:
            logins, worker = self._make_logins(connection, seeding.people(seed))
        self._say(f"Making {tickets:,} tickets …")
        started = time.monotonic()
        seeding.run(dsn, owner.password, tickets=tickets, seed=seed, progress=self._progress)
        self._say(f"{tickets:,} tickets made in {time.monotonic() - started:.1f} s.")
        contents = _Contents(tickets, seed, owner, worker, logins)
        write_private(self._file, json.dumps(asdict(contents), ensure_ascii=False, indent=1))
        superuser.execute(
            sql.SQL("alter database {} rename to {}").format(
                sql.Identifier(_DRAFT), sql.Identifier(DATABASE)
            )
        )
        return contents

    def _make_logins(
        self, owner: psycopg.Connection[tuple[object, ...]], people: Iterable[Person]
    ) -> tuple[tuple[Login, ...], Credential]:
        """Create a login for everybody the seed knows, and for the worker, with new passwords."""
        logins = []
        with owner.transaction():
            for person in people:
                credential = Credential(person.username, secrets.token_urlsafe(9))
                self._set_login(owner, credential, sql.SQL(""))
                self._join(owner, person.username, _GROUPS[Role(person.role)])
                logins.append(
                    Login(
                        person.username,
                        credential.password,
                        Role(person.role).value,
                        person.municipality,
                        person.full_name,
                    )
                )
            worker = Credential(WORKER, secrets.token_urlsafe(16))
            self._set_login(owner, worker, sql.SQL(""))
            self._join(owner, WORKER, "muni_worker")
        return tuple(logins), worker

    @staticmethod
    def _set_login(
        connection: psycopg.Connection[tuple[object, ...]],
        credential: Credential,
        attributes: sql.SQL,
    ) -> None:
        """Create the role, or give the one that an interrupted attempt has left a new password.

        Only the SCRAM verifier travels: no clear password reaches the server.
        """
        role = sql.Identifier(credential.username)
        known = connection.execute(
            "select from pg_roles where rolname = %s", (credential.username,)
        ).rowcount
        verifier = connection.pgconn.encrypt_password(
            credential.password.encode(), credential.username.encode()
        )
        connection.execute(
            sql.SQL("{} role {} login {} password {}").format(
                sql.SQL("alter" if known else "create"),
                role,
                attributes,
                sql.Literal(verifier.decode()),
            )
        )

    @staticmethod
    def _join(
        connection: psycopg.Connection[tuple[object, ...]], username: str, group: str
    ) -> None:
        connection.execute(
            sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(username))
        )

    # ------------------------------------------------------------------ what is there

    def _read(self) -> _Contents:
        """Read what the database was filled with.

        :raises MuniconsoleError: when the file is gone or is not ours.
        """
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return _Contents(
                tickets=int(kept["tickets"]),
                seed=int(kept["seed"]),
                owner=Credential(**kept["owner"]),
                worker=Credential(**kept["worker"]),
                logins=tuple(Login(**login) for login in kept["logins"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MuniconsoleError(
                f"{self._file}, which keeps the demo's passwords, is missing or damaged: "
                "remove the demo with `municonsole demo down --wipe` and start it anew"
            ) from error

    def _bring_up_to_date(self, contents: _Contents) -> None:
        """Upgrade a database that an older municonsole has made."""
        dsn = make_conninfo(
            host=self.cluster.host, port=self.cluster.port, dbname=DATABASE, user=OWNER
        )
        try:
            with connect_sync(dsn, password=contents.owner.password) as connection:
                schema, law = connection.execute(
                    """
                    select
                        (select version_num from muni.schema_version),
                        (select digest from muni.law_version)
                    """
                ).fetchone() or (None, None)
        except psycopg.Error as error:
            raise MuniconsoleError(
                "the demo's database is damaged: remove it with `municonsole demo down --wipe`"
            ) from error
        if (schema, law) != (migrate.schema_head(), migrate.law_digest()):
            self._say("Bringing the demo's database up to date …")
            migrate.upgrade(dsn, password=contents.owner.password)


def demo_folder() -> Path:
    """Give the folder the demo is kept in."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/municonsole/demo")
    import platformdirs

    return platformdirs.user_data_path("municonsole", appauthor=False) / "demo"


def _refuse_other_contents(there: _Contents, tickets: int | None, seed: int | None) -> None:
    if tickets in (None, there.tickets) and seed in (None, there.seed):
        return
    raise InvalidInput(
        f"the demo is there already, with {there.tickets:,} tickets of seed {there.seed}: "
        "remove it first with `municonsole demo down --wipe`"
    )
