"""One ticket in words: the facts in short lines, then what the citizen said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from rich.cells import cell_len

from municonsole.domain.clocks import Clock, ClockTerms
from municonsole.domain.records import Assignment, ConfidentialReport, TicketDetail, TicketRow
from municonsole.domain.values import UNFINISHED, SlaState, Status
from municonsole.services.phones import spoken
from municonsole.ui import cells, words
from municonsole.ui.columns import Moment
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Spans, StaticLines
from municonsole.ui.words import Said

_LABEL = 13
_EDGE = 15
_BY = {"system": "the clocks"}
_DOT = " \N{MIDDLE DOT} "


def describe(
    detail: TicketDetail,
    width: int,
    at: Moment,
    *,
    opened: str | None = None,
    others: Sequence[str] = (),
    names: Mapping[str, str] = MappingProxyType({}),
) -> list[Spans]:
    """The lines of a ticket, each at most `width` cells; `names` are full names by login.

    `opened`: by whom and when a confidential report was opened, which is on record; without it
    nothing confidential is shown, whatever the detail holds. `others` have it open as well.
    """
    row = detail.ticket
    lines: list[Spans] = [*_headline(row, width), ()]
    if others:
        looking = ", ".join(cells.line(name) for name in others)
        lines += _fact("Also open", Said(looking, Tone.ACCENT, words.LOOKING), width)
    for label, said in _facts(detail, at):
        lines += _fact(label, said, width)
    lines.append(())
    if not row.is_sensitive:
        lines += _paragraph(row.description or "", width)
    elif detail.confidential is None or opened is None:
        lines += _paragraph(
            "Confidential: what was reported stands only in the opened ticket, "
            "and opening it is recorded.",
            width,
            Tone.MUTED,
        )
    else:
        lines += _confidential(detail.confidential, width, opened)
    return [*lines, *_carried(detail, width, at, names)]


def _carried(detail: TicketDetail, width: int, at: Moment, names: Mapping[str, str]) -> list[Spans]:
    """Who has had it, for how long, by whom and why: the last one first."""
    if not detail.assignment_history:
        return []
    lines: list[Spans] = [(), [(" Who had it", Tone.STRONG)]]
    for one in reversed(detail.assignment_history):
        lines += _assignment(one, width, at, names)
    return lines


def _assignment(one: Assignment, width: int, at: Moment, names: Mapping[str, str]) -> list[Spans]:
    """One of them: when, whom and how long; by whom and why; with which words."""
    whom = ", ".join(filter(None, (cells.line(one.team_name), cells.line(one.assigned_to_name))))
    held = one.held if one.held is not None else max(at.now - one.created_at, timedelta(0))
    so_far = "" if one.until is not None else " so far"
    by = _BY.get(one.assigned_by) or cells.line(names.get(one.assigned_by, one.assigned_by))
    why = f": {cells.line(one.why.said(one.team_name))}" if one.why is not None else ""
    pieces = (
        (f"{whom or 'nobody'}, {words.held(held)}{so_far}", Tone.PLAIN),
        (f"by {by}{why}", Tone.MUTED),
        (cells.line(one.reason), Tone.PLAIN),
    )
    stamp = (cells.fit(f" {words.stamp(one.created_at, at.zone, at.now)}", _EDGE), Tone.MUTED)
    blank = (" " * _EDGE, Tone.PLAIN)
    told = [
        (text, tone)
        for piece, tone in pieces
        if piece
        for text in cells.wrap(piece, width - _EDGE - 1)
    ]
    return [[blank if index else stamp, line] for index, line in enumerate(told)]


def _headline(row: TicketRow, width: int) -> list[Spans]:
    """Number, category, severity and status: on one line, or on two where that is too narrow."""
    severity, status = words.severity(row.severity), words.status(row.status)
    number = (f" {cells.line(row.tracking_number)}", Tone.STRONG)
    rest: list[tuple[str, Tone]] = [
        (words.category(row.category), Tone.PLAIN),
        (_DOT, Tone.MUTED),
        (severity.words, severity.tone),
        (_DOT, Tone.MUTED),
        (status.words, status.tone),
    ]
    if sum(cell_len(text) for text, _ in (number, *rest)) + 2 <= width:
        return [[number, ("  ", Tone.PLAIN), *rest]]
    return [[number], [(" ", Tone.PLAIN), *rest]]


def _facts(detail: TicketDetail, at: Moment) -> list[tuple[str, Said]]:
    row = detail.ticket
    facts: list[tuple[str, Said]] = _clocks(detail, at)
    team, person = (
        cells.line(row.assigned_team),
        cells.line(row.assigned_to_name or row.assigned_to),
    )
    nobody = "nobody yet" if row.status in UNFINISHED else "nobody"
    facts.append(("Assigned", Said(", ".join(filter(None, (team, person or nobody))))))
    if row.escalated_at is not None:
        facts.append(("Escalated", Said(_moment(row.escalated_at, at), Tone.LATE)))
    if row.escalation_reason:
        facts.append(("", Said(words.escalation(row.escalation_reason))))
    facts += _place_and_caller(row)
    told = f"{_moment(row.created_at, at)}, {_ago(row, at)}"
    if not row.is_sensitive:
        told += f", in {words.LANGUAGES[row.language]}"
    facts.append(("Reported", Said(told)))
    return facts


def _place_and_caller(of: TicketRow | ConfidentialReport) -> list[tuple[str, Said]]:
    facts: list[tuple[str, Said]] = []
    address, suburb = cells.line(of.address), cells.line(of.suburb)
    place = ", ".join(filter(None, (address, "" if suburb in address else suburb)))
    if of.latitude is not None and of.longitude is not None:
        place = f"{place} ({of.latitude:.5f}, {of.longitude:.5f})".lstrip()
    if place:
        facts.append(("Place", Said(place)))
    phone = cells.line(spoken(of.reporter_phone)) if of.reporter_phone else ""
    caller = ", ".join(filter(None, (cells.line(of.reporter_name), phone)))
    if caller:
        facts.append(("Caller", Said(caller)))
    return facts


def _moment(instant: datetime, at: Moment) -> str:
    return words.moment(instant, at.zone, at.now)


def _ago(row: TicketRow, at: Moment) -> str:
    length = words.age(row.created_at, at.now)
    return "just now" if length == "now" else f"{length} ago"


def _clocks(detail: TicketDetail, at: Moment) -> list[tuple[str, Said]]:
    """Both clocks, what the resolution waits for, and what they run by."""
    row, terms = detail.ticket, detail.terms
    facts: list[tuple[str, Said]] = []
    if (deadline := row.sla_response_deadline) is not None:
        said = _clock("response", row.first_responded_at, deadline, at)
        facts.append(("Answer", _on_record(said, deadline, terms.response if terms else None, at)))
    if (deadline := row.sla_resolution_deadline) is not None:
        said = _clock("resolution", row.resolved_at, deadline, at)
        if row.status is Status.ON_HOLD and row.sla_status is not SlaState.BREACHED_RESOLUTION:
            sign = words.SIGNS[SlaState.PAUSED]
            said = Said("the clock stands still while on hold", Tone.HOLD, sign)
        facts.append(
            ("Resolution", _on_record(said, deadline, terms.resolution if terms else None, at))
        )
    if waits := _waits_for(detail):
        facts.append(("Waits for", Said(waits)))
    if terms is not None:
        facts.append(("Policy", Said(words.policy(terms), Tone.MUTED)))
    return facts


_DONE: Mapping[Clock, str] = {"response": "answered", "resolution": "resolved"}


def _clock(clock: Clock, done: datetime | None, deadline: datetime, at: Moment) -> Said:
    """What became of a deadline: kept, missed, or how it stands now."""
    if done is not None:
        return Said(f"{_DONE[clock]} {_moment(done, at)}{', late' if done > deadline else ''}")
    told = f"{words.until(deadline, at.now)}, by {_moment(deadline, at)}"
    return Said(told, Tone.LATE, words.LATE_SIGNS[clock]) if deadline < at.now else Said(told)


def _on_record(said: Said, deadline: datetime, terms: ClockTerms | None, at: Moment) -> Said:
    """The same with what else is known of the deadline: that it was moved, that one was missed."""
    told = said.words
    if terms is not None and terms.by_hand:
        told += ", set by hand"
    if terms is not None and terms.breached_at is not None:
        when = "" if terms.breached_at == deadline else f" of {_moment(terms.breached_at, at)}"
        told += f"; breach{when} on record"
    return Said(told, said.tone, said.sign)


def _waits_for(detail: TicketDetail) -> str:
    """What was said when it was put on hold; of a GBV report nothing."""
    if detail.ticket.is_sensitive or detail.ticket.status is not Status.ON_HOLD:
        return ""
    moves = (entry for entry in detail.history if entry.to_status is not None)
    return cells.line(next((entry.note or "" for entry in moves), ""))


def _fact(label: str, said: Said, width: int) -> list[Spans]:
    lines: list[Spans] = []
    for index, text in enumerate(cells.wrap(str(said), width - _LABEL - 1)):
        name = label if index == 0 else ""
        lines.append([(cells.fit(f" {name}", _LABEL), Tone.MUTED), (text, said.tone)])
    return lines


def _paragraph(text: str, width: int, tone: Tone = Tone.PLAIN) -> list[Spans]:
    return [[(f" {line}", tone)] for line in cells.wrap(cells.paragraph(text), width - 2)]


def _confidential(report: ConfidentialReport, width: int, opened: str) -> list[Spans]:
    lines = _fact("On record", Said(f"opened by {cells.line(opened)}", Tone.SOON), width)
    contact = (
        Said("safe to contact", Tone.GOOD)
        if report.safe_to_contact
        else Said("NOT safe to contact", Tone.LATE, "!")
    )
    facts = _place_and_caller(report)
    for label, said in (*facts, ("Contact", contact)):
        lines += _fact(label, said, width)
    if report.contact_instructions:
        lines += _fact("", Said(cells.line(report.contact_instructions)), width)
    lines.append(())
    return [*lines, *_paragraph(report.description, width)]


class DetailPane(StaticLines):
    """The ticket under the cursor, beside the table: never anything confidential."""

    def __init__(
        self,
        palette: Palette,
        at: Moment,
        names: Mapping[str, str],
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._names = names
        self._at = at
        self._detail: TicketDetail | None = None
        self._note = ""
        self._others: tuple[str, ...] = ()

    def show(
        self,
        detail: TicketDetail | None,
        at: Moment,
        note: str = "",
        others: tuple[str, ...] = (),
    ) -> None:
        """Show a ticket, or `note` in its place; `at` is what its times are told from."""
        self._detail, self._at, self._note, self._others = detail, at, note, others
        self.changed()

    def show_others(self, others: tuple[str, ...]) -> None:
        """Name the colleagues who have it open."""
        if others != self._others:
            self._others = others
            self.changed()

    def tell_time(self, at: Moment) -> None:
        """Deadlines and ages as they are at another moment."""
        self._at = at
        self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """The ticket's lines; what does not fit is announced in the last one."""
        if self._detail is None:
            return [[(f" {self._note}", Tone.MUTED)]]
        return fit_height(
            describe(self._detail, width, self._at, others=self._others, names=self._names),
            self.size.height,
        )


def fit_height(lines: list[Spans], height: int) -> list[Spans]:
    """At most `height` lines; when some are left out, the last one says so."""
    if len(lines) <= height or height < 1:
        return lines
    left_out = len(lines) - height + 1
    more = f" {cells.ELLIPSIS} {left_out} more lines: Enter shows them all"
    return [*lines[: height - 1], [(more, Tone.MUTED)]]
