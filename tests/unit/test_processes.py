"""Looking at processes that are nobody's children: dead ones, reused numbers, waiting for an end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from municonsole.demo import processes


@pytest.fixture
def waiting() -> subprocess.Popen[bytes]:
    """A process that waits until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()", "its", "own argument"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_a_running_process_is_alive(waiting: subprocess.Popen[bytes]) -> None:
    """What runs is alive, also when it is somebody else's."""
    assert processes.alive(waiting.pid)
    assert processes.alive(1)


def test_a_dead_process_that_nobody_reaped_is_not_alive(waiting: subprocess.Popen[bytes]) -> None:
    """In a container a killed server may stay a zombie for ever: it is dead all the same."""
    waiting.kill()
    ended = processes.wait_for_end(waiting.pid, 10)

    assert ended
    assert not processes.alive(waiting.pid)


def test_a_number_that_never_was_is_not_alive() -> None:
    """A number beyond all processes is nobody."""
    assert not processes.alive(2**22 + 1)
    assert processes.wait_for_end(2**22 + 1, 10)


def test_waiting_ends_when_time_is_up(waiting: subprocess.Popen[bytes]) -> None:
    """Who waits for a process that goes on is told that it does."""
    assert not processes.wait_for_end(waiting.pid, 0)


def test_a_process_is_known_by_an_argument_of_its_command_line(
    waiting: subprocess.Popen[bytes],
) -> None:
    """A whole argument tells which program a number belongs to; a part of one does not."""
    assert processes.runs_with(waiting.pid, "own argument")
    assert not processes.runs_with(waiting.pid, "argument")
    assert not processes.runs_with(os.getpid(), "own argument")
