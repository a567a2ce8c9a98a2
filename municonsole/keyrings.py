"""The keyring of this machine, used only where it keeps passwords secret and answers in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from municonsole.domain.errors import MuniconsoleError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "municonsole"
"""The name under which the keyring files our entries."""
PATIENCE = 3.0
"""Seconds a keyring may take to answer: a locked one on a desktop nobody sits at never does."""

T = TypeVar("T")


class KeyringUnusable(MuniconsoleError):
    """The keyring is not used; the message says why."""


class Keyring:
    """Passwords by the name of their entry, asked for in a thread and for `patience` seconds.

    Every method raises KeyringUnusable where there is no keyring, where it would keep passwords in
    plain text or throw them away, and where it fails or does not answer; after that it is not asked
    again.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._problem: str | None = None

    def name(self) -> str:
        """The name of the backend in use."""
        return self._ask(lambda backend: str(backend.name))

    def get(self, entry: str) -> str | None:
        """The password kept under `entry`, None when there is none."""
        return self._ask(lambda backend: backend.get_password(SERVICE, entry))

    def set(self, entry: str, password: str) -> None:
        """Keep a password under `entry`, in place of an earlier one."""
        self._ask(lambda backend: backend.set_password(SERVICE, entry, password))

    def delete(self, entry: str) -> bool:
        """Remove the password under `entry`; False when there was none."""

        def remove(backend: KeyringBackend) -> bool:
            there = backend.get_password(SERVICE, entry) is not None
            if there:
                backend.delete_password(SERVICE, entry)
            return there

        return self._ask(remove)

    def _ask(self, question: Callable[[KeyringBackend], T]) -> T:
        if self._problem is not None:
            raise KeyringUnusable(self._problem)
        answer: Future[T] = Future()

        def work() -> None:
            try:
                answer.set_result(question(_usable_backend()))
            except Exception as error:  # noqa: BLE001  a backend raises what its desktop raises
                answer.set_exception(error)

        # A daemon: one that waits for a locked keyring for ever must not hold the program's end.
        threading.Thread(target=work, name="keyring", daemon=True).start()
        try:
            return answer.result(self._patience)
        except KeyringUnusable as unusable:
            self._problem = str(unusable)
        except TimeoutError:
            self._problem = (
                f"the keyring is not used: it did not answer within {self._patience:g} s; "
                "it may be locked"
            )
        except Exception as error:  # noqa: BLE001  as above; its text may name what it keeps
            self._problem = f"the keyring is not used: it failed ({type(error).__name__})"
        raise KeyringUnusable(self._problem)


def _usable_backend() -> KeyringBackend:
    """The keyring's backend, or of a chain the first one, that keeps passwords secret."""
    import keyring
    from keyring.backends import fail, null

    chosen = keyring.get_keyring()
    chain: Iterable[KeyringBackend] = getattr(chosen, "backends", None) or [chosen]
    reason = "there is none on this machine"
    for backend in chain:
        if isinstance(backend, null.Keyring):
            reason = "it is switched off on this machine (null backend)"
        elif any(kind.__name__ == "PlaintextKeyring" for kind in type(backend).__mro__):
            reason = "it would keep the password in plain text"
        elif not isinstance(backend, fail.Keyring):
            return backend
    raise KeyringUnusable(f"the keyring is not used: {reason}")
