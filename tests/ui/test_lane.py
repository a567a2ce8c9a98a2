from __future__ import annotations

import asyncio

from textual.app import App
from textual.message import Message

from municonsole.domain.errors import Refused, Unreachable
from municonsole.ui.lane import Lane, Rank, RequestFailed


class Told(Message):
    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what


class LaneApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.lane = Lane(lambda work: self.run_worker(work, exit_on_error=False))
        self.told: list[str] = []
        self.failed: list[RequestFailed] = []
        self.busy = self.most_busy = 0

    def on_told(self, message: Told) -> None:
        self.told.append(message.what)

    def on_request_failed(self, message: RequestFailed) -> None:
        self.failed.append(message)

    async def call(self, what: str) -> str:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        await asyncio.sleep(0)
        self.busy -= 1
        return what

    def want(self, key: str, what: str, rank: Rank = Rank.NOW) -> None:
        self.lane.ask(self, key, lambda: self.call(what), Told, rank)


async def test_one_request_is_under_way_at_a_time_and_the_most_wanted_goes_first() -> None:
    """Counting the views never holds up the list."""
    app = LaneApp()
    async with app.run_test() as pilot:
        app.want("count:1", "count", Rank.LATER)
        app.want("beside", "pane", Rank.BESIDE)
        app.want("list", "list")
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert app.told == ["list", "pane", "count"]
    assert app.most_busy == 1


async def test_a_newer_request_takes_the_place_of_an_older_one() -> None:
    """A cursor that ran past twenty tickets asks for the last one only."""
    app = LaneApp()
    async with app.run_test() as pilot:
        for number in range(20):
            app.want("beside", f"ticket {number}", Rank.BESIDE)
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert app.told == ["ticket 19"]


async def test_what_is_no_longer_wanted_is_dropped() -> None:
    """The next page of a list that was left is not read."""
    app = LaneApp()
    async with app.run_test() as pilot:
        app.want("list:more", "more")
        app.want("other", "other")
        app.lane.drop("list:")
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert app.told == ["other"]


async def test_one_who_gives_up_takes_nothing_from_others() -> None:
    """What a screen drops is its own."""
    app = LaneApp()
    async with app.run_test() as pilot:
        app.want("mine", "mine")
        app.lane.drop("", of=app.screen)
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert app.told == ["mine"]


async def test_an_error_is_a_sentence_and_the_lane_goes_on() -> None:
    """No failure ends the console, and none is shown with data in it."""

    async def fail(error: Exception) -> str:
        raise error

    app = LaneApp()
    async with app.run_test() as pilot:
        app.lane.ask(app, "one", lambda: fail(Refused()), Told)
        app.lane.ask(app, "two", lambda: fail(Unreachable("the database is away")), Told)
        app.lane.ask(app, "three", lambda: fail(ValueError("somebody's phone number")), Told)
        app.want("four", "goes on")
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert app.told == ["goes on"]
    assert [(failure.key, failure.unreachable) for failure in app.failed] == [
        ("one", False),
        ("two", True),
        ("three", False),
    ]
    assert app.failed[0].sentence == "not authorized to access sensitive reports, or no such ticket"
    assert "phone" not in app.failed[2].sentence
    assert "ValueError" in app.failed[2].sentence
