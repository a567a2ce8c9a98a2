"""What a shift at the desk leaves behind: drafts, own views, and what was answered to attempts."""

from __future__ import annotations

import json
import uuid

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk

DRAFT = "select muni.save_draft('report', %s)"
PRESENT = "select muni.be_present(%s)"

pytestmark = pytest.mark.law


def test_a_draft_is_its_authors_and_one_of_each_kind(database: Database) -> None:
    """The newer replaces the older; neither a colleague nor the administrator reads it."""
    author = database.connect("tvd_operator")
    author.execute(DRAFT, (json.dumps({"description": "old words"}),))
    author.execute(DRAFT, (json.dumps({"description": "new words"}),))

    assert author.execute("select content from muni.drafts").fetchall() == [
        ({"description": "new words"},)
    ]
    for other in ("tvd_operator2", "tvd_admin", "ksb_operator"):
        assert database.connect(other).execute("select * from muni.drafts").fetchall() == []
    desk.value(author, "select muni.delete_draft('report')")
    assert author.execute("select * from muni.drafts").fetchall() == []


def kept_of(database: Database, attempt: uuid.UUID) -> tuple[object, ...]:
    """What `save_draft` is given for a report that will be sent with this attempt."""
    return (json.dumps({"attempt": str(attempt), "description": "her words"}),)


def test_the_draft_of_a_report_goes_when_it_is_logged(database: Database) -> None:
    """In one step, so that none is there when the ticket turns out to be a GBV report; others stay."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    attempt = uuid.uuid4()
    operator.execute(DRAFT, kept_of(database, attempt))
    database.connect("tvd_operator2").execute(DRAFT, kept_of(database, attempt))
    number = desk.log(operator)
    operator.execute(
        "select muni.save_draft('note', %s, %s)",
        (json.dumps({"note": "a word"}), desk.id_of(database, number)),
    )
    log_attempt(operator, attempt)

    assert owner.execute("select author, kind from drafts order by 1").fetchall() == [
        ("tvd_operator", "note"),
        ("tvd_operator2", "report"),
    ]


def test_the_draft_of_a_note_goes_when_it_is_saved(database: Database) -> None:
    """With the note of an attempt on the same ticket; those of others and on other tickets stay."""
    operator, colleague = database.connect("tvd_operator"), database.connect("tvd_operator2")
    ticket, other = (desk.id_of(database, desk.log(operator)) for _ in range(2))
    for author, of in ((operator, ticket), (operator, other), (colleague, ticket)):
        author.execute("select muni.save_draft('note', %s, %s)", ('{"note": "a word"}', of))
    operator.execute("select muni.add_note(%s, 'by the command line')", (ticket,))
    kept = "select author, ticket_id from drafts"
    owner = database.connect_owner()
    assert len(owner.execute(kept).fetchall()) == 3

    operator.execute("select muni.add_note(%s, 'a word', attempt => %s)", (ticket, uuid.uuid4()))

    assert set(owner.execute(kept).fetchall()) == {
        ("tvd_operator", other),
        ("tvd_operator2", ticket),
    }


@pytest.mark.parametrize("given_up", [False, True])
def test_of_what_was_sent_or_given_up_nothing_is_kept(database: Database, given_up: bool) -> None:
    """Whatever the network delivers late: neither a draft nor, once it was given up, the report."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    attempt = uuid.uuid4()
    if given_up:
        operator.execute(DRAFT, kept_of(database, attempt))
        operator.execute("select muni.delete_draft('report', null, %s)", (attempt,))
        with pytest.raises(psycopg.Error, match="an attempt has a number of its own"):
            log_attempt(operator, attempt)
    else:
        log_attempt(operator, attempt)
    error = desk.refusal(operator, DRAFT, kept_of(database, attempt))

    assert (error.sqlstate, error.diag.message_primary) == (
        "22023",
        "nothing is kept of what was sent or given up",
    )
    assert owner.execute("select * from drafts").fetchall() == []


def test_a_draft_and_its_report_come_one_after_the_other(database: Database) -> None:
    """A draft on its way while the report is logged finds it logged; the other way round it goes with it."""
    attempt = uuid.uuid4()
    logging = database.connect("tvd_operator", autocommit=False)
    keeping = database.connect("tvd_operator")
    log_attempt(logging, attempt)
    error = desk.outcome_after_waiting(logging, keeping, DRAFT, kept_of(database, attempt))

    assert isinstance(error, psycopg.Error)
    assert error.diag.message_primary == "nothing is kept of what was sent or given up"


@pytest.mark.parametrize("attempt", ["", "x", None, 7, "0" * 36])
def test_the_attempt_of_a_draft_is_one(database: Database, attempt: object) -> None:
    """Else nothing could tell later that it was sent."""
    content = json.dumps({"attempt": attempt})
    error = desk.refusal(database.connect("tvd_operator"), DRAFT, (content,))

    assert (error.sqlstate, error.diag.message_primary) == (
        "22023",
        "the attempt of a draft is a UUID",
    )


def test_nobody_waits_for_attempts_that_are_being_forgotten(database: Database) -> None:
    """Upkeep of the whole house and the next save of anybody pass each other."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    log_attempt(operator, uuid.uuid4())
    owner.execute("update attempts set at = at - interval '8 days'")
    upkeep = database.connect(world.WORKER, autocommit=False)
    upkeep.execute("select muni.run_upkeep('0')")
    operator.execute("set lock_timeout = '1s'")
    log_attempt(operator, uuid.uuid4())
    upkeep.commit()

    assert desk.value(owner, "select count(*) from attempts") == 1


@pytest.mark.parametrize(
    ("who", "content"), [("tvd_operator", {"category": "gbv"}), ("tvd_saps", {"category": "water"})]
)
def test_of_a_gbv_report_no_draft_is_kept(
    database: Database, who: str, content: dict[str, str]
) -> None:
    """Nobody's, in no table."""
    connection = database.connect(who)
    error = desk.refusal(connection, DRAFT, (json.dumps(content),))

    assert error.sqlstate in {"22023", "42501"}
    assert database.connect_owner().execute("select * from drafts").fetchall() == []


@pytest.mark.parametrize("content", ["[]", '"words"', json.dumps({"x": "y" * 70000})])
def test_a_draft_is_an_object_of_a_bearable_size(database: Database, content: str) -> None:
    """Whatever else is refused in a sentence, and what was kept stays."""
    author = database.connect("tvd_operator")
    author.execute(DRAFT, ('{"description": "kept"}',))

    desk.assert_invalid(author, DRAFT, (content,), "64 kB")
    assert desk.value(author, "select content ->> 'description' from muni.drafts") == "kept"


def test_a_draft_of_a_note_goes_with_a_ticket_that_becomes_a_gbv_report(
    database: Database,
) -> None:
    """As do the presences of municipal colleagues."""
    author = database.connect("tvd_operator")
    number = desk.log(author)
    ticket = desk.id_of(database, number)
    save = "select muni.save_draft('note', %s, %s)"
    author.execute(save, ('{"note": "words"}', ticket))
    author.execute(PRESENT, (ticket,))
    database.connect("tvd_manager").execute(
        "select muni.mark_sensitive(%s, 'as she told me')", (ticket,)
    )

    owner = database.connect_owner()
    assert owner.execute("select * from drafts").fetchall() == []
    assert owner.execute("select * from presences").fetchall() == []
    desk.assert_refused(author, save, ('{"note": "more"}', ticket))
    desk.assert_refused(author, save, ('{"note": "more"}', uuid.uuid4()))


@pytest.mark.parametrize(
    ("kind", "on_a_ticket"),
    [("report", True), ("note", False), ("letter", False), (None, False), (None, True)],
)
def test_a_draft_is_of_a_report_or_of_a_note_on_a_ticket(
    database: Database, kind: str | None, on_a_ticket: bool
) -> None:
    """Of nothing else, and in a sentence."""
    author = database.connect("tvd_operator")
    ticket = desk.id_of(database, desk.log(author)) if on_a_ticket else None

    desk.assert_invalid(
        author, "select muni.save_draft(%s, '{}', %s)", (kind, ticket), "of a note on a ticket"
    )


def test_nobody_begins_a_note_on_what_they_do_not_see(database: Database) -> None:
    """Neither on another municipality's ticket nor on a GBV report."""
    author, save = database.connect("tvd_operator"), "select muni.save_draft('note', '{}', %s)"
    assert desk.log(author)  # which is not the one that is named
    for who, category in (("ksb_operator", "water"), ("tvd_operator", "gbv")):
        number = desk.log(database.connect(who), category)
        desk.assert_refused(author, save, (desk.id_of(database, number),))


def test_what_is_forgotten_is_one_draft(database: Database) -> None:
    """One's own, of that kind, on that ticket."""
    author, colleague = database.connect("tvd_operator"), database.connect("tvd_operator2")
    first, second = (desk.id_of(database, desk.log(author)) for _ in range(2))
    save = "select muni.save_draft(%s, '{}', %s)"
    for who in (author, colleague):
        for kind, ticket in (("report", None), ("note", first), ("note", second)):
            who.execute(save, (kind, ticket))
    kept = "select author::text, kind, ticket_id from drafts"
    owner = database.connect_owner()
    everything = set(owner.execute(kept).fetchall())
    author.execute("select muni.delete_draft('note', %s)", (first,))
    assert everything - set(owner.execute(kept).fetchall()) == {("tvd_operator", "note", first)}
    author.execute("select muni.delete_draft('report')")
    assert everything - set(owner.execute(kept).fetchall()) == {
        ("tvd_operator", "note", first),
        ("tvd_operator", "report", None),
    }


def test_drafts_are_kept_for_thirty_days(database: Database) -> None:
    """And what was answered to attempts for a week, also of those who never come back."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    log_attempt(operator, uuid.uuid4())
    for who in ("tvd_operator", "tvd_operator2", "ksb_operator"):
        database.connect(who).execute(DRAFT, (json.dumps({"description": "a word"}),))
    owner.execute(
        "update drafts set saved_at = saved_at - interval '31 days' where author <> 'tvd_operator2'"
    )
    owner.execute("update attempts set at = at - interval '8 days'")
    database.connect("tvd_manager").execute("select muni.run_upkeep('0')")

    assert set(owner.execute("select author from drafts").fetchall()) == {
        ("tvd_operator2",),
        ("ksb_operator",),
    }
    assert owner.execute("select * from attempts").fetchall() == []


def test_a_view_is_its_owners(database: Database) -> None:
    """One under each key, one of each name; read by nobody else."""
    owner, colleague = database.connect("tvd_operator"), database.connect("tvd_operator2")
    save = "select muni.save_view(%s, %s, %s, 'newest')"
    for place, name in ((1, "Leaks"), (3, "Mine")):
        colleague.execute(save, (place, name, "{}"))
    owner.execute(save, (1, "Leaks", '{"category": "water"}'))
    owner.execute(save, (2, "Holes", "{}"))
    owner.execute(save, (3, "Leaks", "{}"))
    query = "select place, name from muni.saved_views order by place"

    assert owner.execute(query).fetchall() == [(2, "Holes"), (3, "Leaks")]
    assert database.connect("tvd_manager").execute(query).fetchall() == []
    desk.assert_invalid(owner, save, (10, "Ten", "{}"), "from 1 to 9")
    desk.assert_invalid(owner, save, (1, " ", "{}"), "name")
    assert desk.value(owner, "select muni.delete_view(3)")
    assert not desk.value(owner, "select muni.delete_view(3)")
    assert owner.execute(query).fetchall() == [(2, "Holes")]
    assert colleague.execute(query).fetchall() == [(1, "Leaks"), (3, "Mine")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": 0},
        {"place": None},
        {"name": None},
        {"name": "x" * 41},
        {"filter": "[]"},
        {"filter": None},
        {"filter": json.dumps({"x": "y" * 9000})},
        {"sort": None},
        {"sort": ""},
        {"sort": "x" * 21},
    ],
    ids=str,
)
def test_what_is_no_view_is_refused_in_a_sentence(
    database: Database, wrong: dict[str, object]
) -> None:
    """Whatever is missing, too long or of another kind."""
    given = {"place": 1, "name": "Mine", "filter": "{}", "sort": "newest"} | wrong

    desk.assert_invalid(
        database.connect("tvd_operator"),
        "select muni.save_view(%(place)s, %(name)s, %(filter)s, %(sort)s)",
        given,
        "a view has a key from 1 to 9",
    )


# ------------------------------------------------------------------ sent again


def log_attempt(connection: psycopg.Connection, attempt: uuid.UUID, told: str = "a leak") -> str:
    call = "select muni.log_ticket('water', 'low', %s, attempt => %s)"
    return str(desk.value(connection, call, told, attempt))


def test_a_report_that_is_sent_again_is_logged_once(database: Database) -> None:
    """Whoever lost the connection before the answer came sends it again, and gets the same number."""
    operator, attempt = database.connect("tvd_operator"), uuid.uuid4()
    number = log_attempt(operator, attempt)

    assert log_attempt(database.connect("tvd_operator"), attempt) == number
    assert desk.value(operator, "select count(*) from muni.tickets") == 1
    assert log_attempt(operator, uuid.uuid4()) != number


def test_what_the_network_delivers_late_is_logged_once_too(database: Database) -> None:
    """The second waits for the first, which is still under way."""
    first = database.connect("tvd_operator", autocommit=False)
    second, attempt = database.connect("tvd_operator"), uuid.uuid4()
    log_attempt(first, attempt)
    error = desk.outcome_after_waiting(
        first, second, "select muni.log_ticket('water', 'low', 'a leak', attempt => %s)", (attempt,)
    )

    assert error is None
    assert desk.value(second, "select count(*) from muni.tickets") == 1


def test_an_attempt_that_was_refused_may_be_made_again(database: Database) -> None:
    """Nothing was done, so nothing is remembered."""
    operator, attempt = database.connect("tvd_operator"), uuid.uuid4()
    call = "select muni.log_ticket('water', 'low', %s, attempt => %s)"
    desk.assert_invalid(operator, call, (" ", attempt), "description")

    assert log_attempt(operator, attempt).startswith("TKT-")


def test_nobody_learns_a_number_by_naming_somebodys_attempt(database: Database) -> None:
    """An attempt is its author's."""
    attempt = uuid.uuid4()
    desk.value(
        database.connect("tvd_operator"),
        "select muni.log_ticket('gbv', 'low', 'words', attempt => %s)",
        attempt,
    )

    for other in ("tvd_operator2", "tvd_saps", "ksb_operator"):
        category = "gbv" if other == "tvd_saps" else "water"
        desk.assert_invalid(
            database.connect(other),
            "select muni.log_ticket(%s, 'low', 'words', attempt => %s)",
            (category, attempt),
            "a number of its own",
        )


def test_a_reporter_who_is_added_again_is_one(database: Database) -> None:
    """The same for a caller who joins a ticket."""
    operator, attempt = database.connect("tvd_operator"), uuid.uuid4()
    ticket = desk.id_of(database, desk.log(operator))
    call = "select muni.add_reporter(%s, 'Resident 9', null, attempt => %s)"
    event = desk.value(operator, call, ticket, attempt)

    assert desk.value(operator, call, ticket, attempt) == event
    assert desk.value(operator, "select count(*) from muni.reporters") == 1


def test_attempts_are_forgotten_after_a_week(database: Database) -> None:
    """They are no history of who logged what."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    log_attempt(operator, uuid.uuid4())
    owner.execute("update attempts set at = at - interval '8 days'")
    log_attempt(operator, uuid.uuid4())

    assert desk.value(owner, "select count(*) from attempts") == 1
