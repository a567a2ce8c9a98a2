"""The top line: the views with their keys and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.cells import cell_len

from municonsole.domain.filters import View
from municonsole.ui import cells
from municonsole.ui.shelf import Shelf
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans

COUNT_CAP = 1000
_SHORT = {
    "mine": "Mine",
    "due": "Due",
    "open": "Open",
    "resolved_today": "Resolved",
    "gbv_open": "Open",
    "gbv_all": "All",
}
_SHORT_MOST = 10
_COUNT_TONES = {"due": Tone.SOON, "breached": Tone.LATE}


class _Wording(NamedTuple):
    """How much is said of each view; of the one in use always everything."""

    most: int
    """Cells of a title; above _SHORT_MOST the whole one is told, 0 leaves it out."""
    counted: bool
    gap: str


# From the roomiest to the narrowest.
_WORDINGS = (
    _Wording(most=40, counted=True, gap=" "),
    _Wording(most=_SHORT_MOST, counted=True, gap=" "),
    _Wording(most=7, counted=True, gap=" "),
    _Wording(most=5, counted=True, gap=" "),
    _Wording(most=_SHORT_MOST, counted=False, gap=" "),
    _Wording(most=_SHORT_MOST, counted=False, gap=""),
    _Wording(most=5, counted=False, gap=""),
    _Wording(most=0, counted=False, gap=" "),
)


def count_words(count: int, cap: int = COUNT_CAP) -> str:
    """A count as a person reads it; more than `cap` is not counted on."""
    return str(count) if count <= cap else f"{cap}+"


class ViewBar(LineView):
    """Each view with its key, the one in use marked; titles shorten where the line is narrow."""

    def __init__(self, palette: Palette, views: Shelf, *, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._views = views
        self._chosen: str | None = None
        self._counts: Mapping[str, int] = {}

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def show(self, chosen: str | None, counts: Mapping[str, int]) -> None:
        """Mark view `chosen` (None: what is shown is no view) and tell the counts known so far."""
        self._chosen = chosen
        self._counts = dict(counts)
        self.forget()
        self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """The roomiest wording that fits: titles, then short ones, then keys alone."""
        for wording in _WORDINGS:
            spans = self._worded(wording)
            if sum(cell_len(text) for text, _ in spans) <= width:
                return spans
        return spans

    def _worded(self, wording: _Wording) -> list[tuple[str, Tone]]:
        spans: list[tuple[str, Tone]] = []
        for position, view in self._views.standings:
            chosen = view.id == self._chosen
            # One without a key is found by its name; it stands here only while it is open.
            if position is None and not chosen:
                continue
            title = _title(view, wording.most)
            count = self._counts.get(view.id) if wording.counted or chosen else None
            told = "" if count is None else f" {count_words(count)}"
            if chosen:
                key = f" {position}" if position else ""
                spans.append((f"{key} {title}{told} ", Tone.CHOSEN))
                continue
            spans.append((f" {position}", Tone.ACCENT))
            if wording.most:
                spans.append((f" {title}", Tone.PLAIN))
                tone = _COUNT_TONES.get(view.id, Tone.MUTED) if count else Tone.MUTED
                spans.append((told, tone))
            spans.append((wording.gap, Tone.PLAIN))
        return spans


def _title(view: View, most: int) -> str:
    title = view.title if most > _SHORT_MOST else _SHORT.get(view.id, view.title)
    return cells.cut(title, most or _SHORT_MOST)
