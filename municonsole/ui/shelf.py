"""The views at hand, each on its key: the delivered ones and the operator's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from municonsole.domain.filters import View
from municonsole.domain.views import KEYS, Standing, arrange
from municonsole.ui import cells


class Shelf:
    """Which view stands where; where that is, `municonsole.domain.views.arrange` says."""

    def __init__(self, delivered: Sequence[View]) -> None:
        self.delivered = tuple(delivered)
        self.own: tuple[View, ...] = ()
        self.standings: tuple[Standing, ...] = arrange(self.delivered, ())

    def put(self, own: Sequence[View]) -> None:
        """These are the operator's own views now; their words are steady from here on."""
        self.own = tuple(
            replace(
                view,
                title=cells.line(view.title) or f"View {view.place}",
                lost=tuple(map(cells.line, view.lost)),
            )
            for view in own
        )
        self.standings = arrange(self.delivered, self.own)

    def __iter__(self) -> Iterator[View]:
        return (view for _, view in self.standings)

    def at(self, key: int) -> View | None:
        """The view on a key."""
        return next((view for place, view in self.standings if place == key), None)

    def named(self, view_id: str) -> View | None:
        """The view of that id."""
        return next((view for view in self if view.id == view_id), None)

    @property
    def first(self) -> View:
        """The view the console opens with."""
        return self.standings[0].view

    @property
    def free(self) -> int | None:
        """The first key on which no view stands; None where all nine are taken."""
        taken = {key for key, _ in self.standings}
        return next((key for key in KEYS if key not in taken), None)
