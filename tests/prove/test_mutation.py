"""Whatever is taken from the law or added to it, a test of the law fails."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.database import Database

from municonsole.db import migrate
from prove.mutants import Mutant, generate

pytestmark = pytest.mark.prove

TESTS = Path(__file__).resolve().parent.parent
ARENAS = 2
"""Processes at once, each with a server of its own."""
ONLY = os.environ.get("MUNICONSOLE_MUTANTS", "")
"""What is in the names of the mutants to try, `|` between several; all of them where there is nothing."""
CONTROL = Mutant("control", "the law as it is", ())
"""Without damage every test passes: else nothing was caught by anything."""


def test_every_mutant_of_the_law_is_caught(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each policy, grant, setting, move, check and condition is missed by a test when it is gone."""
    began = time.monotonic()
    # A copy: somebody may be writing the law while this runs.
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    mutants = [
        mutant
        for mutant in generate(database.connect_owner(), copy / "law")
        if any(words in f"{mutant.kind} {mutant.name}" for words in ONLY.split("|"))
    ]
    tried = [CONTROL, *(mutant for mutant in mutants if not mutant.equivalent)]
    assert len({mutant.name for mutant in tried}) == len(tried)
    with capsys.disabled():
        _say("")
        answers = {answer["name"]: answer for answer in _fight(tried, copy / "law")}
        for line in _summary(mutants, answers, time.monotonic() - began):
            _say(line)

    control = answers.pop(CONTROL.name)
    assert (control.get("caught"), control.get("error")) == (None, None)
    assert [name for name, answer in answers.items() if "error" in answer] == []
    assert [name for name, answer in answers.items() if not answer["caught"]] == []


def _fight(mutants: list[Mutant], law: Path) -> list[dict[str, Any]]:
    """What became of each mutant; the arenas take one after another."""
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    for mutant in mutants:
        waiting.put(mutant)
    answers: list[dict[str, Any]] = []
    arenas = [threading.Thread(target=_arena, args=(waiting, answers, law)) for _ in range(ARENAS)]
    for arena in arenas:
        arena.start()
    for arena in arenas:
        arena.join()
    assert len(answers) == len(mutants)
    return answers


def _arena(waiting: queue.SimpleQueue[Mutant], answers: list[dict[str, Any]], law: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "prove.arena", str(law)],
        cwd=TESTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
    ) as arena:
        assert arena.stdin is not None
        assert arena.stdout is not None
        while not waiting.empty():
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                break
            arena.stdin.write(json.dumps(mutant.wire()) + "\n")
            arena.stdin.flush()
            answer = json.loads(arena.stdout.readline())
            answers.append(answer)
            _say(f"{mutant.kind:<15} {mutant.name} → {_fate(answer)}")
        arena.stdin.close()


def _summary(
    mutants: list[Mutant], answers: dict[str, dict[str, Any]], seconds: float
) -> Iterator[str]:
    for mutant in mutants:
        if mutant.equivalent:
            yield f"{mutant.kind:<15} {mutant.name} → equivalent: {mutant.equivalent}"
    yield ""
    for kind, count in Counter(mutant.kind for mutant in mutants).items():
        of_kind = [mutant for mutant in mutants if mutant.kind == kind]
        caught = sum(bool(answers.get(mutant.name, {}).get("caught")) for mutant in of_kind)
        equal = sum(bool(mutant.equivalent) for mutant in of_kind)
        yield f"{kind:<15} {count:5} mutants: {caught} caught, {equal} equivalent"
    yield f"{len(mutants)} mutants in {seconds:.0f} s on {ARENAS} servers"


def _fate(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"COULD NOT BE TRIED: {answer['error']}"
    return answer["caught"] or "NOTHING FAILS"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  the table is what this is run for
