"""A report as it is typed: the texts of its fields, what is wrong with them, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from municonsole.domain.desk import Suburb
from municonsole.domain.errors import InvalidInput
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Language, Severity
from municonsole.services.intake import NO_SUCH_SUBURB, placed
from municonsole.services.phones import e164
from municonsole.ui import form, words
from municonsole.ui.form import Option

Typed = Mapping[str, str]
"""What stands in each field, by its name; of a choice the value, empty where none is chosen."""

YES, NO = "yes", "no"
_NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
_COORDINATES = re.compile(rf"({_NUMBER})°?(?:\s*[,;]\s*|\s+)({_NUMBER})°?")
_YES_NO = (Option("yes", YES, "y"), Option("no", NO, "n"))
CATEGORY_KEYS: Final = {
    Category.WATER: "w",
    Category.ROADS: "r",
    Category.ELECTRICITY: "e",
    Category.WASTE: "a",
    Category.SANITATION: "s",
    Category.OTHER: "o",
    Category.GBV: "g",
}
"""GBV last: whoever chooses with the arrows does not pass it."""

PHONE = form.Line("phone", "Phone", "the caller's number first: 082 123 4567", most=32)
SEVERITY = form.Choice(
    "severity", "Severity", tuple(Option(s.value, s.value, s.value[0]) for s in Severity), picked=1
)
REPORT = form.Words("description", "Report", "what is wrong, in the caller's words")
ADDRESS = form.Line("address", "Address", "house and street, or how one gets there", most=500)
COORDINATES = form.Line("coordinates", "Lat, lon", "-28.02400, 30.14900, where known", most=40)
LANGUAGE = form.Choice(
    "language",
    "Language",
    tuple(Option(words.LANGUAGES[value], value.value, value.value[0]) for value in Language),
    picked=0,
)
MESSAGE = form.Choice("message", "Messages", _YES_NO, "may we send messages about it?", picked=1)
NAME = form.Line("name", "Name", "the caller's, where they give it", most=200)
SAFE = form.Choice("safe", "Contact", _YES_NO, "is it safe to contact this person?")
HOW = form.Line("how", "How", "how and when it is safe, as the caller says", most=1000)


def category(*, saps: bool) -> form.Choice:
    """What it is about; a SAPS liaison logs GBV reports only."""
    offered = [value for value in CATEGORY_KEYS if value is Category.GBV or not saps]
    options = [
        Option(words.category(value), value.value, CATEGORY_KEYS[value]) for value in offered
    ]
    return form.Choice("category", "Category", options, picked=0 if saps else None)


def is_confidential(typed: Typed) -> bool:
    """Whether it is to be a GBV report."""
    return typed.get("category") == Category.GBV.value


def phone_of(typed: Typed) -> str | None:
    """The caller's number as it is stored; None while it is none."""
    try:
        return e164(typed.get("phone", "")) if typed.get("phone", "").strip() else None
    except InvalidInput:
        return None


def coordinates(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, None for nothing. Raises InvalidInput."""
    if not text.strip():
        return None
    found = _COORDINATES.fullmatch(text.strip())
    if found is None:
        raise InvalidInput("type latitude and longitude in degrees: -28.02400, 30.14900")
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise InvalidInput(
            "latitude goes from -90 to 90 and longitude from -180 to 180; exchange them?"
        )
    return latitude, longitude


def _phone(typed: Typed, _: Sequence[Suburb]) -> None:
    if typed.get("phone", "").strip():
        e164(typed["phone"])


def _coordinates(typed: Typed, _: Sequence[Suburb]) -> None:
    coordinates(typed.get("coordinates", ""))


def _suburb(typed: Typed, suburbs: Sequence[Suburb]) -> None:
    name = typed.get("suburb", "")
    if name and suburbs and name not in {suburb.name for suburb in suburbs}:
        raise InvalidInput(NO_SUCH_SUBURB)


def _category(typed: Typed, _: Sequence[Suburb]) -> None:
    if not typed.get("category"):
        raise InvalidInput("choose what it is about, by its letter")


def _description(typed: Typed, _: Sequence[Suburb]) -> None:
    if not typed.get("description", "").strip():
        raise InvalidInput("say in a few words what is wrong")


def _safe(typed: Typed, _: Sequence[Suburb]) -> None:
    if is_confidential(typed) and not typed.get("safe"):
        raise InvalidInput("ask whether it is safe to contact this person, and choose yes or no")


_CHECKS: Final[dict[str, Callable[[Typed, Sequence[Suburb]], None]]] = {
    "phone": _phone,
    "category": _category,
    "description": _description,
    "suburb": _suburb,
    "coordinates": _coordinates,
    "safe": _safe,
}
_ASKED_AT_ONCE = frozenset({"phone", "suburb", "coordinates"})
"""What is wrong in these is said as soon as one leaves the field; what is missing, when one saves."""


def complaint(name: str, typed: Typed, suburbs: Sequence[Suburb]) -> str:
    """What is wrong in a field that is left, in a sentence; empty for nothing."""
    if name not in _ASKED_AT_ONCE:
        return ""
    return dict(complaints({**typed}, suburbs)).get(name, "")


def complaints(typed: Typed, suburbs: Sequence[Suburb]) -> Iterator[tuple[str, str]]:
    """Every field that keeps it from being logged, in their order, with the sentence about it."""
    for name, check in _CHECKS.items():
        try:
            check(typed, suburbs)
        except InvalidInput as error:
            yield name, str(error)


def new_ticket(typed: Typed, suburbs: Sequence[Suburb]) -> NewTicket:
    """The report of a form about which there are no complaints."""
    at = coordinates(typed["coordinates"])
    confidential = is_confidential(typed)
    ticket = NewTicket(
        category=Category(typed["category"]),
        severity=Severity(typed["severity"]),
        description=typed["description"],
        address=typed.get("address"),
        suburb=typed.get("suburb"),
        latitude=at and at[0],
        longitude=at and at[1],
        language=Language(typed["language"]),
        reporter_name=typed.get("name"),
        reporter_phone=typed.get("phone"),
        may_message=not confidential and typed.get("message") == YES,
        safe_to_contact=confidential and typed.get("safe") == YES,
        contact_instructions=typed.get("how") if confidential else None,
    )
    return placed(ticket, suburbs)


def has_words(typed: Typed) -> bool:
    """Whether something would be lost; what is chosen with a letter is quickly chosen again."""
    chosen = ("severity", "language", "message", "category", "safe", ATTEMPT)
    return any(text.strip() for name, text in typed.items() if name not in chosen)


ATTEMPT: Final = "attempt"
"""In a draft, beside the fields: under which number it is sent, so that it is never logged twice."""
