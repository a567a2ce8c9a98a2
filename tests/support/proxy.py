"""A network between a program and its server that a test can cut, or let fall silent."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Line:
    """One connection; `dead`: nothing gets through any more in either direction, and nobody is told."""

    client: socket.socket
    server: socket.socket | None
    dead: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        for end in filter(None, (self.client, self.server)):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Network:
    """Forwards connections to a server on `port`, until it is told not to.

    `lose` cuts it with a word: ends are closed, as where a server stops. `fall_silent` does it without
    one, as where a cable is pulled out: lines stay open on both ends, and nothing arrives.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[_Line] = []
        self._to_lose: bytes | None = None
        self._to_swallow: tuple[bytes, bool] | None = None
        self._to_cut: tuple[bytes, bool] | None = None
        self._is_cut = threading.Event()
        self._is_silent = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, answer: bytes) -> None:
        """The next answer that contains this gets lost, and all lines with it; nobody gets through then.

        What the program has sent arrives all the same: whether it was done, it cannot know.
        """
        self._to_lose = answer

    def cut(self, at: bytes, *, arrives: bool) -> None:
        """With what the program sends next with `at` in it, lines are cut, and nobody gets through then.

        That itself arrives at the server where it is said so; the answer does not come back.
        """
        self._to_cut = (at, arrives)

    def fall_silent(self, at: bytes | None = None, *, arrives: bool = False) -> None:
        """From what the program sends next with `at` in it (at once, without), nothing gets through.

        That itself arrives at the server where it is said so; the answer does not come back.
        """
        if at is None:
            self._silence()
        else:
            self._to_swallow = (at, arrives)

    @property
    def silent(self) -> bool:
        """Whether nothing gets through."""
        return self._is_silent.is_set()

    def mend(self) -> None:
        """New connections get through again; lines that were lost stay lost."""
        self._is_cut.clear()
        self._is_silent.clear()

    def close(self) -> None:
        """End everything."""
        self._listener.close()
        self._drop()

    def _silence(self) -> None:
        self._is_silent.set()
        for line in self._lines:
            line.dead.set()

    def _drop(self) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_cut.is_set():
                    client.close()
                elif self._is_silent.is_set():
                    self._lines.append(_Line(client, None))
                else:
                    line = _Line(client, socket.create_connection(self._server))
                    self._lines.append(line)
                    for upwards in (True, False):
                        threading.Thread(
                            target=self._forward, args=(line, upwards), daemon=True
                        ).start()

    def _forward(self, line: _Line, upwards: bool) -> None:
        assert line.server is not None
        source, sink = (line.client, line.server) if upwards else (line.server, line.client)
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not upwards and self._to_lose is not None and self._to_lose in data:
                    self._to_lose = None
                    self._is_cut.set()
                    self._drop()
                    return
                if upwards and self._to_cut is not None and self._to_cut[0] in data:
                    (_, arrives), self._to_cut = self._to_cut, None
                    if not arrives:
                        self._is_cut.set()
                        self._drop()
                        return
                    self._to_lose = b""  # whatever is answered
                if upwards and self._to_swallow is not None and self._to_swallow[0] in data:
                    (_, arrives), self._to_swallow = self._to_swallow, None
                    self._silence()
                    if arrives:
                        sink.sendall(data)
                if not line.dead.is_set():
                    sink.sendall(data)
        # The other end of a dead line hears nothing, not even that this one is gone.
        if not line.dead.is_set():
            line.close()
