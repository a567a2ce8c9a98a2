"""Small files that hold secrets, and folders that go."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from municonsole.domain.errors import MuniconsoleError


def read(path: Path) -> str:
    """Read a text file.

    :raises MuniconsoleError: naming the file and the reason.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MuniconsoleError(f"{path} cannot be read: {error.strerror}") from error


def write_private(path: Path, text: str) -> None:
    """Write a file for the owner's eyes only; it appears whole or not at all."""
    draft = path.with_suffix(path.suffix + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        file.write(text)
    draft.replace(path)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; nothing there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
