"""A network between a program and its server that a test can cut."""

from __future__ import annotations

import contextlib
import socket
import threading


class Network:
    """Forwards connections to a server on `port`, until an answer is to be lost.

    What the program has sent arrives all the same: whether it was done, it cannot know.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[tuple[socket.socket, socket.socket]] = []
        self._to_lose: bytes | None = None
        self._is_cut = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, answer: bytes) -> None:
        """The next answer that contains this gets lost, and all lines with it; nobody gets through then."""
        self._to_lose = answer

    def mend(self) -> None:
        """New connections get through again."""
        self._is_cut.clear()

    def close(self) -> None:
        """End everything."""
        self._listener.close()
        self._drop()

    def _drop(self) -> None:
        for line in self._lines:
            for end in line:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._lines.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_cut.is_set():
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                self._lines.append((client, server))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._forward, args=(source, sink, sink is client), daemon=True
                    ).start()

    def _forward(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError), source, sink:
            while data := source.recv(65536):
                if answers and self._to_lose is not None and self._to_lose in data:
                    self._to_lose = None
                    self._is_cut.set()
                    self._drop()
                    return
                sink.sendall(data)
