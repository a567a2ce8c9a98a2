"""The forms of an operator's own views: what each asks, and which service does it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from municonsole.domain.filters import View
from municonsole.domain.views import KEYS, NAME_MOST, arrange
from municonsole.ui import cells
from municonsole.ui.context import Context
from municonsole.ui.form import Answers, Choice, Confirm, Form, Line, Option, Subject


@dataclass(frozen=True, slots=True)
class Kept:
    """All own views as they are now; `place` is where the one in question stands."""

    views: tuple[View, ...]
    place: int


def save_view(context: Context, view: View) -> Form:
    """Under which key and name a list is kept; answers Kept."""

    async def save(given: Answers, _: Subject | None, __: UUID) -> Kept:
        views = await context.desk.saved_views.save(given["place"], given["name"], view)
        return Kept(views, given["place"])

    place = view.place or context.views.free
    return Form(
        "Save this list as a view",
        (
            Line(
                "name",
                "Name",
                "as you call it",
                required="a view needs a name",
                most=NAME_MOST,
                value=view.title if view.place else "",
            ),
            Choice(
                "place",
                "Key",
                [Option(_becomes(context, key), key, str(key)) for key in KEYS],
                required="choose one of the keys",
                picked=place - 1 if place else None,
            ),
        ),
        save,
        lambda given: f"{_quoted(given['name'])} is on {given['place']}",
    )


def _becomes(context: Context, key: int) -> str:
    """What becomes of a key when a view is saved under it."""
    there = context.views.at(key)
    if there is None:
        return "free"
    if there.place is not None:
        return f"in place of {there.title}, which is forgotten"
    own = (*context.views.own, View("", "", there.filter, place=key))
    moved = next(to for to, view in arrange(context.views.delivered, own) if view.id == there.id)
    return f"{there.title}, which moves to {moved or 'the commands'}"


def rename_view(context: Context, view: View) -> Form:
    """Another name; answers Kept."""
    place = view.place or 0

    async def save(given: Answers, _: Subject | None, __: UUID) -> Kept:
        return Kept(await context.desk.saved_views.rename(place, given["name"]), place)

    return Form(
        "Rename a view",
        (Line("name", "Name", required="a view needs a name", most=NAME_MOST, value=view.title),),
        save,
        lambda given: f"it is called {_quoted(given['name'])} now",
    )


def delete_view(context: Context, view: View) -> Form:
    """Whether to forget it; answers Kept."""
    place = view.place or 0

    async def save(_: Answers, __: Subject | None, ___: UUID) -> Kept:
        return Kept(await context.desk.saved_views.delete(place), place)

    return Form(
        "Delete a view",
        (Confirm("sure", "Do it?", f"Forget {_quoted(view.title)}"),),
        save,
        partial(_forgotten, view),
    )


def _forgotten(view: View, _: Answers) -> str:
    return f"{_quoted(view.title)} is forgotten"


def _quoted(name: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{cells.line(name)}\N{RIGHT DOUBLE QUOTATION MARK}"
