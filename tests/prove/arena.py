"""One process that runs the law's tests against one mutant after another, on one server of its own.

`python -m prove.arena LAW_FOLDER` reads mutants as JSON lines from standard input and answers each with a
line: which test caught it. Each mutant is a database made from the one before the damage, and a forked
child in which the tests find it as their template, so that a try costs about a second.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from law import desk, test_roles
from support import database as databases
from support.database import Database, Server

from municonsole.db import migrate

HERE = Path(__file__).resolve().parent.parent
WHOLE = "municonsole_whole"
"""The database with the law as it is."""
NOT_HERE = {"test_drift.py", "test_migrations.py", "test_old_rows.py", "test_machine.py"}
"""Tests that compare a database with the law it was made from, or prove upgrades, or are long."""
ALSO = ("services/test_staff.py", "services/test_imports.py", "services/test_work.py")
SLOW = {
    *("test_every_write_is_refused", "test_after_anything_anybody_tries_the_history_holds"),
    "test_the_law_arrives_where_a_walk_does",
}
"""Tests that look everywhere, and come after those that look where the damage is."""
LONGEST = 120
"""Seconds after which a mutant that makes a test wait for ever counts as caught."""
ROLES = """
    select array_agg(r::text order by r.rolname) from pg_authid as r
    union all
    select array_agg(concat_ws(' ', m.roleid::regrole, m.member::regrole, m.admin_option) order by 1)
    from pg_auth_members as m
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Some test files; of their tests only those that speak of the damage, only the others, or all."""

    files: list[Path]
    near: bool | None = None


class Arena:
    """A server, the whole law in one database on it, and the tests."""

    def __init__(self, law: Path) -> None:
        self.law = law
        self.server = self._started()

    def close(self) -> None:
        """Remove the server."""
        self.server.close()

    def _started(self) -> Server:
        server = Server()
        server.start()
        migrate.folder = lambda: self.law.parent  # type: ignore[assignment]
        server._ensure_template()
        server.admin.execute(f"alter database {databases.TEMPLATE} rename to {WHOLE}")
        self.roles = server.admin.execute(ROLES).fetchall()
        return server

    def attempt(self, mutant: dict[str, Any]) -> dict[str, Any]:
        """What becomes of one mutant: `caught` by a test, or `error`, or neither; and how long it took."""
        began = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="mutant-"))
        try:
            answer = self._attempt(mutant, folder)
        except Exception:  # noqa: BLE001  a mutant that cannot be made is told, not survived
            answer = {"error": traceback.format_exc(limit=-2)}
        finally:
            shutil.rmtree(folder)
        self._clean()
        return {"name": mutant["name"], "seconds": time.monotonic() - began, **answer}

    def _attempt(self, mutant: dict[str, Any], folder: Path) -> dict[str, Any]:
        self.server.admin.execute(
            f"create database {databases.TEMPLATE} owner {databases.OWNER} template {WHOLE} "
            "strategy file_copy"
        )
        template = Database(
            self.server.cluster.host,
            self.server.cluster.port,
            databases.TEMPLATE,
            databases.OWNER,
            passwords=self.server.passwords,
        )
        if mutant["kind"] in BY_CATALOG:
            # As an upgrade states it; rights on a database itself are not copied with it.
            name = databases.TEMPLATE
            self.server.admin.execute(f"revoke create, temporary on database {name} from public")
            self.server.admin.execute(f"grant create on database {name} to muni_owner")
            with template.connect_owner() as owner:
                owner.execute(mutant["sql"])
            try:
                return _seen(template)
            finally:
                template.close()
        copy = folder / "migrations"
        shutil.copytree(self.law.parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant["file"]:
            (copy / "law" / mutant["file"]).write_text(mutant["text"])
            migrate.folder = lambda: copy  # type: ignore[assignment]
            migrate.upgrade(template.owner_dsn, password=template.owner_password)
        else:
            with template.connect_owner() as owner:
                owner.execute(mutant["sql"])
        migrate.folder = lambda: copy  # type: ignore[assignment]
        ran = 0
        for number, stage in enumerate(_stages(mutant)):
            answer = self._tested(mutant["about"], stage, folder / f"outcome{number}")
            ran += answer.get("ran", 0)
            if answer.get("caught") or "error" in answer:
                break
        return {**answer, "ran": ran}

    def _tested(self, about: list[str], stage: Stage, outcome: Path) -> dict[str, Any]:
        child = os.fork()
        if child == 0:
            try:
                _test(self.server, about, stage, outcome)
            except BaseException:  # noqa: BLE001  told to the parent, which goes on
                outcome.write_text(json.dumps({"error": traceback.format_exc(limit=-3)}))
            finally:
                os._exit(0)  # nothing of the parent's, its connections least of all, is closed
        began = time.time()
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            ended = _beat(outcome)
            if time.time() - (ended.stat().st_mtime if ended.exists() else began) > LONGEST:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return {"caught": "a test that waits for ever"}
            time.sleep(0.02)
        if not outcome.exists():
            return {"error": "the tests ended without an outcome"}
        return json.loads(outcome.read_text())

    def _clean(self) -> None:
        """Remove what the tests left; a server whose roles are no longer the same is given up."""
        names = self.server.admin.execute(
            "select datname from pg_database where datname not in ('postgres', 'template0', 'template1', %s)",
            (WHOLE,),
        ).fetchall()
        for (name,) in names:
            self.server.admin.execute(f'drop database if exists "{name}" with (force)')
        if self.server.admin.execute(ROLES).fetchall() != self.roles:
            self.server.close()
            self.server = self._started()


class Catcher:
    """Puts the tests first that speak of what is damaged, and keeps the name of the one that fails."""

    def __init__(self, about: list[str], stage: Stage, beat: Path) -> None:
        self.about = about
        self.stage = stage
        self.beat = beat
        self.caught: str | None = None
        self.ran = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Order by how directly a test is about the damage; those about nothing of it come last."""
        distance = _distance(self.about)
        far = len(self.about)
        files = Counter(item.path for item in items)
        near = Counter(item.path for item in items if distance(item) < far)
        items.sort(
            key=lambda item: (
                item.originalname in SLOW,
                distance(item) > 0,
                # A file that is about little else comes before one that touches it in passing.
                -near[item.path] / files[item.path],
                distance(item),
            )
        )
        if self.stage.near is not None:
            items[:] = [item for item in items if (distance(item) < far) is self.stage.near]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the first failure, and when a test ended last."""
        self.beat.touch()
        self.ran += report.when == "call"
        if report.failed and self.caught is None:
            self.caught = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test that cannot be read is an error, not a catch."""
        if report.failed:
            raise RuntimeError(f"cannot collect {report.nodeid}: {report.longrepr}")


def _beat(outcome: Path) -> Path:
    """What a child touches whenever a test has ended."""
    return outcome.with_suffix(".beat")


def _distance(about: list[str]) -> Callable[[pytest.Function], int]:
    """How directly a test speaks of something: the place in `about` of the first word it uses."""
    words = [_word(word) for word in about]
    texts: dict[object, str] = {}

    def distance(item: pytest.Function) -> int:
        test = item.function
        if test not in texts:
            texts[test] = _words_of(test, vars(sys.modules[test.__module__]), 3)
        for place, word in enumerate(words):
            if about[place] in item.name or word.search(texts[test]):
                return place
        return len(words)

    return distance


def _word(about: str) -> re.Pattern[str]:
    """Where a test speaks of something by its name, or by that of the service which calls it."""
    names = [about.lstrip("_"), *SERVICES.get(about, ())]
    return re.compile(rf"\b_?(?:{'|'.join(map(re.escape, names))})\b")


SERVICES = {
    "create_operator": ("staff.add",),
    "disable_operator": ("staff.disable",),
    "enable_operator": ("staff.enable",),
    "set_operator_team": ("staff.set_team",),
    "reset_operator_password": ("staff.reset_password",),
    "import_tickets": ("imports.run",),
}


def _words_of(thing: object, names: dict[str, object], depth: int) -> str:
    """The source of a function with that of its helpers and the values of its constants."""
    text = inspect.getsource(thing) if inspect.isfunction(thing) else repr(thing)
    if depth and inspect.isfunction(thing):
        own = {name: names[name] for name in set(re.findall(r"\w+", text)) & set(names)}
        called = set(re.findall(r"\bdesk\.(\w+)", text)) & set(vars(desk)) - WHOLE_LAW
        own |= {name: vars(desk)[name] for name in called}
        for value in own.values():
            if value is not thing and (
                inspect.isfunction(value) or isinstance(value, str | tuple | dict)
            ):
                text += _words_of(value, names, depth - 1)
    return text


WHOLE_LAW = {"CALLS", "GRANTED"}
"""Constants that name every function, and so lead nowhere."""


def _test(server: Server, about: list[str], stage: Stage, outcome: Path) -> None:
    """In the child: run the tests on the shared server until one fails."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    class Joined(Server):
        """The parent's server, with its mutant as the template."""

        def __init__(self) -> None:
            self.cluster = server.cluster
            self.passwords = server.passwords
            self._numbers = server._numbers
            self._admin = None
            self._template = "ready"

        def start(self) -> None:
            self._admin = psycopg.connect(self.cluster.superuser_dsn(), autocommit=True)

        def close(self) -> None:
            self.admin.close()

    databases.Server = Joined  # type: ignore[misc]
    catcher = Catcher(about, stage, _beat(outcome))
    # What is imported before the fork is not rewritten, which costs only words that nobody reads.
    options = [
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-m",
        "not prove",
    ]
    try:
        status = pytest.main([*options, *map(str, stage.files)], plugins=[catcher])
    except BaseException:
        if catcher.caught is None:  # else what a failed test has left behind, open connections
            raise
        status = pytest.ExitCode.TESTS_FAILED
    fine = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    if catcher.caught is None and status not in fine:
        outcome.write_text(json.dumps({"error": f"pytest ended with {status!r}"}))
    else:
        outcome.write_text(json.dumps({"caught": catcher.caught, "ran": catcher.ran}))


def _stages(mutant: dict[str, Any]) -> Iterator[Stage]:
    """What to run, first where the catch is expected, then all the rest; the first failure ends it."""
    every = [*_law_tests(), *(HERE / name for name in ALSO)]
    first = [HERE / name for name in EXPECTED.get(mutant["kind"], ())]
    if first:
        yield Stage(first)
        yield Stage([path for path in every if path not in first])
        return
    yield Stage(every, near=True)
    yield Stage(every, near=False)


EXPECTED = {
    "policy": ("law/test_sights.py", "law/test_roles.py", "law/test_wall.py", "law/test_plans.py"),
    "transition": ("law/test_tickets.py",),
}
"""Where what is wrong shows first."""
BY_CATALOG = {"table grant", "function grant", "search_path"}
"""What is right or wrong by the catalog, which a few tests read whole."""


def _seen(database: Database) -> dict[str, Any]:
    """Run the tests that only look at a database, without a test runner: there are hundreds of grants."""
    for name, test in vars(test_roles).items():
        if name.startswith("test_") and [*inspect.signature(test).parameters] == ["lookable"]:
            try:
                test(database)
            except (AssertionError, pytest.fail.Exception):
                return {"caught": f"{test_roles.__name__}::{name}"}
    return {"caught": None}


def _import_once() -> None:
    """Import what every child would, tests and libraries, before there are children."""
    for path in _law_tests():
        importlib.import_module(f"law.{path.stem}")
    for name in ("municonsole.bootstrap", "municonsole.services.desk", "municonsole.db.reads"):
        importlib.import_module(name)


def _law_tests() -> list[Path]:
    return sorted(path for path in (HERE / "law").glob("test_*.py") if path.name not in NOT_HERE)


def main() -> None:
    """Answer mutants until standard input ends."""
    # From Python 3.12 on: the fork of a process with threads. This one has none.
    warnings.simplefilter("ignore", DeprecationWarning)
    _import_once()
    arena = Arena(Path(sys.argv[1]))
    try:
        for line in sys.stdin:
            print(json.dumps(arena.attempt(json.loads(line))), flush=True)  # noqa: T201  its answer
    finally:
        arena.close()


if __name__ == "__main__":
    main()
