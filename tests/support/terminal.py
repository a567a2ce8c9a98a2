"""A real terminal for a program: a pseudo-terminal whose screen is read as a person reads it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence

import pyte


class Terminal:
    """A program running in a terminal window of its own.

    :param command: the program and its arguments.
    :param environment: what it finds in its environment, all of it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color"})
        self.status: int | None = None

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._fd, keys.encode())

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Read what the program shows until this stands on the screen."""
        end = time.monotonic() + seconds
        while text not in self.text:
            if not self._read(end - time.monotonic()):
                raise AssertionError(f"{text!r} did not appear:\n{self.text}")

    def wait_for_end(self, seconds: float = 60) -> int:
        """Read until the program has ended; gives its exit status, negative for a signal."""
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            pass
        return self._reap()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill the program."""
        os.kill(self.pid, how)
        self.wait_for_end()

    def hang_up(self) -> int:
        """Close the window, as a lost connection does; gives the exit status."""
        os.close(self._fd)
        self._fd = -1
        return self._reap()

    def close(self) -> None:
        """End the program, however far it is."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._reap()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self, seconds: float) -> bool:
        """Take in what the program has shown meanwhile; False at its end or when time is up."""
        ready, _, _ = select.select([self._fd], [], [], max(seconds, 0))
        if not ready:
            return False
        try:
            shown = os.read(self._fd, 65536)
        except OSError as error:
            if error.errno == errno.EIO:  # Linux says so when the program has closed its side
                return False
            raise
        self._stream.feed(shown)
        return bool(shown)

    def _reap(self) -> int:
        if self.status is None:
            _, status = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
        return self.status
