"""A free port of this machine's loopback."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Collection

from municonsole.demo.settings import HOST
from municonsole.domain.errors import MuniconsoleError

_RANGE = range(15432, 32000)
"""Below the range from which systems draw the ports of outgoing connections (32768 and up)."""


def is_free(port: int) -> bool:
    """Tell whether a server could listen there, by trying it as PostgreSQL does."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(taken: Collection[int]) -> int:
    """Give a port that is free now and not among those found taken; it may be lost until used.

    :raises MuniconsoleError: when none is found.
    """
    for _ in range(200):
        port = secrets.choice(_RANGE)
        if port not in taken and is_free(port):
            return port
    raise MuniconsoleError(f"no free port was found on {HOST}")
