"""A keyring for tests of whole processes: it keeps secrets in the file TEST_KEYRING_FILE names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Keyring(KeyringBackend):
    """Chosen by PYTHON_KEYRING_BACKEND=support.file_keyring.Keyring."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Give what is kept."""
        return kept().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        _write(kept() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        entries = kept()
        if entries.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("there is none")
        _write(entries)


def kept(file: Path | None = None) -> dict[str, str]:
    """Give everything the keyring holds."""
    file = file or Path(os.environ["TEST_KEYRING_FILE"])
    return json.loads(file.read_text()) if file.exists() else {}


def _write(entries: dict[str, str]) -> None:
    Path(os.environ["TEST_KEYRING_FILE"]).write_text(json.dumps(entries))
