"""The program as a person or a script runs it: a process of its own, without or with a terminal."""

from __future__ import annotations

import io
import json
import os
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keyring
import pyte
from keyring.backends.fail import Keyring as NoKeyring

from municonsole import cli

COMMAND = (sys.executable, "-W", "error", "-m", "municonsole")
# In the child, before the program: what makes the pseudo-terminal its controlling one. Done there
# rather than after a fork of ours, which a process with threads should not do.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
PATIENCE = 60
"""Seconds after which something that was waited for is not coming any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished command left behind."""

    status: int
    output: str
    complaint: str

    @property
    def json(self) -> Any:
        """Its output, read as JSON."""
        return json.loads(self.output)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Give an environment without libpq's and our variables, whose folders all lie under `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "MUNICONSOLE_", "XDG_", "LC_"))
    }
    return kept | {"HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"} | more


def run(
    arguments: Sequence[str],
    env: Mapping[str, str],
    *,
    stdin: str | bytes = b"",
    folder: Path | None = None,
) -> Outcome:
    """Run municonsole to its end, as a script does: no terminal anywhere."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        env=env,
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
        start_new_session=True,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_inside(
    arguments: Sequence[str], env: Mapping[str, str], *, stdin: str | bytes = b""
) -> Outcome:
    """Run municonsole to its end within this process: the same, without the start of a process."""
    given = io.TextIOWrapper(io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin))
    output, complaint = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before = dict(os.environ)
    standard_input, sys.stdin = sys.stdin, given
    keyring.set_keyring(NoKeyring())  # backends that tests define are found like any other
    os.environ.clear()
    os.environ.update(env)
    try:
        with redirect_stdout(output), redirect_stderr(complaint):
            status = cli.run(arguments)
    finally:
        sys.stdin = standard_input
        os.environ.clear()
        os.environ.update(before)
    return Outcome(status, *(_written(stream) for stream in (output, complaint)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


class Terminal:
    """A terminal of 80 columns and 24 lines with municonsole running in it, `through` a shell if need be."""

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], through: Sequence[str] = ()
    ) -> None:
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.said = b""
        self._descriptor, slave = os.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", _TAKE_TERMINAL, *through, *COMMAND, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            start_new_session=True,
        )
        os.close(slave)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Return as soon as `text` is on the screen, so many times; fail if it never is."""
        end = time.monotonic() + PATIENCE
        while sum(line.count(text) for line in self.screen.display) < times:
            if time.monotonic() > end or not self._read():
                raise AssertionError(f"{text!r} is not on the screen:\n{self.shown()}")

    def type(self, keys: str) -> None:
        """Type these keys."""
        os.write(self._descriptor, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Make the window as large as this."""
        self.screen.resize(lines, columns)
        termios.tcsetwinsize(self._descriptor, (lines, columns))

    def column_of(self, line: int, text: str) -> int:
        """In which cell `text` begins on a line of the screen, as the terminal counts; -1 for nowhere."""
        cells = [self.screen.buffer[line][x].data for x in range(self.screen.columns)]
        starts = [n for n, cell in enumerate(cells) for _ in cell]
        found = "".join(cells).find(text)
        return starts[found] if found >= 0 else -1

    def wait(self) -> int:
        """Return the exit status once the program has ended; fail if it goes on."""
        end = time.monotonic() + PATIENCE
        while self._read():
            if time.monotonic() > end:
                raise AssertionError(f"the program goes on:\n{self.shown()}")
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill the program at once, as the system does when memory runs out."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def hang_up(self) -> int:
        """Close the terminal, as a lost connection does; return the exit status."""
        os.close(self._descriptor)
        self._descriptor = -1
        return self._process.wait(PATIENCE)

    def shown(self) -> str:
        """Give what the screen shows, without the blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def close(self) -> None:
        """End the program if it still runs, and the terminal with it."""
        self.kill()
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _read(self) -> bool:
        """Take what the program has written; False when it has ended."""
        ready, _, _ = select.select([self._descriptor], [], [], PATIENCE)
        try:
            data = os.read(self._descriptor, 65536) if ready else b""
        except OSError:  # how Linux says that nobody is at the other end any more
            data = b""
        self.said += data
        self._stream.feed(data)
        return bool(data)


Run = Callable[..., Outcome]
"""What the fixture `as_` gives."""
Open = Callable[..., Terminal]
"""What the fixture `terminal` gives."""
