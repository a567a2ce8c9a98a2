"""The screen of a running console as plain text, and snapshots of it that a person can read.

A snapshot is written anew with `MUNICONSOLE_SNAPSHOTS=write`; look at the difference before it is
committed. What differs from run to run (tracking numbers, times) is replaced by something as wide.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from rich.console import Console
from rich.segment import Segment, Segments
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
    place = name.rpartition("-")[0]
    shown = type(app.screen).__name__
    assert SHOWS.get(place, shown) == shown
    _compare(SNAPSHOTS / f"{name}.txt", steady(text(app)))


SHOWS = {
    "queue-operator": "QueueScreen",
    "ticket": "TicketScreen",
    "help": "HelpScreen",
    "alerts-operator": "AlertsScreen",
    "intake-empty": "IntakeScreen",
    "intake-logged": "NumberDialog",
    "search-line": "SearchDialog",
    "filter-operator": "FilterDialog",
    "chips": "ChipDialog",
    "views": "ViewsDialog",
    "commands": "PaletteDialog",
    "form-note-operator": "NoteDialog",
    "form-status-operator": "FormDialog",
    "bulk-assign": "BulkDialog",
    "bulk-result": "ResultsScreen",
    "board-manager": "BoardScreen",
    "lock": "LockScreen",
    "small": "SmallScreen",
}
"""One snapshot at least of each kind of screen and dialog; test_snapshots.py holds that none is left out."""


def picture(app: App[object], path: Path) -> None:
    """Compare the screen, in its colours, with the SVG at `path`, or write it."""
    console = Console(
        width=app.size.width,
        file=io.StringIO(),
        record=True,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        _environ={},
    )
    for strip in strips(app):
        line, at, parts = steady(strip.text), 0, []
        for words, style, _ in strip:
            parts.append(Segment(line[at : at + len(words)], style))
            at += len(words)
        console.print(Segments([*parts, Segment.line()]), end="")
    drawn = console.export_svg(title="municonsole", unique_id=path.stem)
    # No font is fetched from anywhere: whoever looks has one.
    _compare(path, re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL))


def _compare(path: Path, now: str) -> None:
    if _WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    then = path.read_text(encoding="utf-8") if path.exists() else ""

    assert now == then, f"{path.name} differs; MUNICONSOLE_SNAPSHOTS=write writes it anew"
