"""The screen of a running console as plain text, and snapshots of it that a person can read.

A snapshot is written anew with `MUNICONSOLE_SNAPSHOTS=write`; look at the difference before it is
committed. What differs from run to run (tracking numbers, times) is replaced by something as wide.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from textual.app import App
from textual.strip import Strip

SNAPSHOTS = Path(__file__).parent / "snapshots"
_WRITE = os.environ.get("MUNICONSOLE_SNAPSHOTS") == "write"
_NUMBER = re.compile(r"TKT-\d{8}-[0-9A-F]{6}")
_SHORT_NUMBER = re.compile(r"\b\d{6}-[0-9A-F]{6}\b")
_MOMENT = re.compile(
    r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [ \d]\d [A-Z][a-z]{2}(?P<year> \d{4})? \d\d:\d\d"
    r"(?P<rest>.*?(?=  )(?: {5})?)?"
)
# A moment that goes on under a dialog.
_COVERED = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[ \w]{0,9}(?=[│└])")
_KEPT = re.compile(r"draft kept \d\d:\d\d")
_CHECKED = re.compile(r"checked \d\d:\d\d")
_STAMP = re.compile(r"(?<!\w )[ \d]\d [A-Z][a-z]{2} (?:\d\d:\d\d|\d{4} )")


def strips(app: App[object]) -> list[Strip]:
    """What is on the screen, line by line, dialogs included."""
    return app.screen._compositor.render_strips()


def text(app: App[object]) -> str:
    """The screen as text; wide characters stand for two cells, blanks at the end are left out."""
    return "\n".join(strip.text.rstrip() for strip in strips(app)) + "\n"


def steady(screen: str) -> str:
    """The text without what differs from run to run, every column where it was."""
    screen = _NUMBER.sub("TKT-YYYYMMDD-XXXXXX", screen)
    screen = _SHORT_NUMBER.sub("YYMMDD-XXXXXX", screen)
    screen = _CHECKED.sub("checked HH:MM", screen)
    screen = _MOMENT.sub(_same_width, screen)
    screen = _COVERED.sub(lambda found: "Day DD Mon HH"[: len(found.group())], screen)
    screen = _KEPT.sub("draft kept HH:MM", screen)
    return _STAMP.sub("DD Mon HH:MM", screen)


def _same_width(found: re.Match[str]) -> str:
    # Only when the year changed within the last few days does a moment carry one.
    rest = found["rest"] or ""
    return "Day DD Mon HH:MM" + rest + (" " * 5 if found["year"] else "")


def compare(app: App[object], name: str) -> None:
    """Compare the screen with snapshot `name`, or write it."""
    path = SNAPSHOTS / f"{name}.txt"
    now = steady(text(app))
    if _WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    then = path.read_text(encoding="utf-8") if path.exists() else ""

    assert now == then, f"{path.name} differs; MUNICONSOLE_SNAPSHOTS=write writes it anew"
