"""Textual's switches for its developers, which a shell may have set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_no_key_is_written_to_a_file_and_none_is_pressed(tmp_path: Path) -> None:
    """A log of keys would have the password that opens a locked console in it."""
    switches = {
        "TEXTUAL_LOG": str(tmp_path / "keys"),
        "TEXTUAL_PRESS": "q",
        "TEXTUAL_SCREENSHOT": "1",
    }
    look = (
        "import municonsole.ui.app; from textual import constants as c;"
        "print(c.LOG_FILE, repr(c.PRESS), c.SCREENSHOT_DELAY)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, **switches},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "None '' -1\n"
