"""Text that wants to drive a terminal, written past the program into everything the console shows."""

from __future__ import annotations

import json

from support.database import Database

HOSTILE = {
    "markup": "[/x] [@click=app.quit]here[/] [bold red]",
    "escape": "\x1b[2J\x1b[31mred",
    "osc 52": "\x1b]52;c;cm0gLXJm\x07 after",
    "c1": "\x9b31m\x9d52;c;x\x9c\x85",
    "bidi": "\u202eesrever\u202c \u2066isolated\u2069 \u061c",
    "zero width": "a\u200bb\u200dc\ufeffd\u2060e",
    "combining": "Z\u0351\u0300\u0301\u0302\u0303a\u0336\u0337l\u0338g\u0321o",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \u2764\ufe0f 1\ufe0f\u20e3",
    "flag": "\U0001f1ff\U0001f1e6 \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "wide": "\u6c34\u9053\u7ba1\u7834\u88c2 \uff21\uff22",
    "hangul": "\u1112\u1161\u11ab \ud55c",
    "indic": "\u0928\u092e\u0938\u094d\u0924\u0947 \u0bb5\u0ba3\u0b95\u0bcd\u0b95\u0bae\u0bcd",
    "long word": "x" * 5000,
    "newlines": "one\r\ntwo\u2028three\x0bfour\tfive",
    "private": "\ue000\U0010ffff",
}
"""What a database can hold, by its kind."""
_COLUMNS = {
    "municipalities": {"name": 200},
    "teams": {"name": 200},
    "operators": {"full_name": 200},
    "suburbs": {"name": 100},
    "calendars": {"name": 60},
    "tickets": {
        "description": 10_000,
        "address": 500,
        "suburb": 100,
        "reporter_name": 200,
        "reporter_phone": 32,
    },
    "ticket_notes": {"note": 10_000},
    "confidential_notes": {"note": 10_000},
    "confidential_reports": {
        "description": 10_000,
        "address": 500,
        "suburb": 100,
        "reporter_name": 200,
        "reporter_phone": 32,
        "contact_instructions": 1000,
    },
    "reporters": {"reporter_name": 200, "reporter_phone": 32},
    "saved_views": {"name": 40},
}
"""The most characters of each text that somebody else can have chosen."""
_NUMBER = 6
"""Characters kept for a number at the end: some of them have to differ."""


def poison(database: Database, *, but: str = "") -> None:
    """Make every text of every row hostile, each of its own kind, as the owner of the tables can.

    Tickets of which `but` was told stay as they are, to compare with.
    """
    with database.connect_owner() as owner:
        for table, columns in _COLUMNS.items():
            spared = (
                "where not t.is_sensitive and t.description <> %(but)s"
                if table == "tickets"
                else ""
            )
            for shift, (column, most) in enumerate(columns.items()):
                owner.execute(
                    f"update {table} as t set {column} = left("
                    f" (%(kinds)s::text[])[1 + (numbered.n + {shift}) %% {len(HOSTILE)}],"
                    f" {most - _NUMBER}) || ' ' || numbered.n"
                    " from (select t.tableoid, t.ctid, row_number() over (order by t.ctid) as n"
                    f"  from {table} as t {spared}) as numbered"
                    " where (t.tableoid, t.ctid) = (numbered.tableoid, numbered.ctid)",
                    {"kinds": list(HOSTILE.values()), "but": but},
                )


def add(database: Database, username: str) -> None:
    """Beside the tickets: more reporters, colleagues who look; and drafts and views of one's own."""
    everything = " ".join(HOSTILE.values())
    with database.connect_owner() as owner:
        owner.execute(
            "insert into reporters (is_sensitive, ticket_id, municipality_id, reporter_name, added_by, added_at)"
            " select is_sensitive, id, municipality_id, 'x', %s, now() from tickets",
            (username,),
        )
        owner.execute(
            "insert into presences (ticket_id, is_sensitive, municipality_id, username, seen_at)"
            " select t.id, t.is_sensitive, t.municipality_id, o.username, now() + interval '1 min'"
            " from tickets as t join operators as o on o.municipality_id = t.municipality_id"
            " where not t.is_sensitive and o.username <> %s",
            (username,),
        )
        owner.execute(
            "insert into saved_views (owner, place, name, filter, sort)"
            " select %s, n, n::text, %s, 'newest' from generate_series(8, 9) as n",
            (username, json.dumps({"version": 1, "search": everything[:60]})),
        )
        owner.execute(
            "insert into drafts (municipality_id, author, kind, content)"
            " select municipality_id, username, 'report', %s from operators where username = %s",
            (
                json.dumps(
                    dict.fromkeys(
                        ("description", "address", "name", "phone", "suburb"), everything[:4000]
                    )
                ),
                username,
            ),
        )
