"""`docs/reference/roles.md`: who may do what, written down from the GRANTs of a real database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import psycopg

from support import world

GROUPS = {**world.GROUPS, "worker": "muni_worker", "intake": "muni_intake"}
"""The columns of the page: a role and its group; two groups are other programs', not people's."""

PAGE = """\
# Who may do what

This page is written from the GRANTs, policies and comments of a real database (`make docs`), and a test holds it to \
them. The rules themselves are [`migrations/law`](../../migrations/law); what they protect, and against whom, is in \
[explanation/threat-model.md](../explanation/threat-model.md).

Nobody but the owner has INSERT, UPDATE, DELETE or TRUNCATE on anything: a function of the list is the only way to \
change something, and a check mark is an EXECUTE that was granted. `worker` and `intake` are other programs of the \
platform, not people.

## Functions

{functions}

A grant is what may be called at all; the function then asks who calls, and what for:

- A ticket of another municipality, one on the other side of the wall and one that does not exist get the same \
refusal. A liaison works on GBV reports and logs nothing else; everybody else works on municipal tickets.
- An administrator acts on a GBV report only while an opening of theirs, made with a reason and committed, is less \
than 15 minutes old, and never carries one.
- An operator or a liaison takes a ticket of the own team. A GBV report goes to SAPS teams, and nothing else does.
- A change of status follows the moves below.
- A ticket becomes a GBV report by `mark_sensitive`, and never stops being one.
- An administrator manages operators and managers of the own municipality. Liaisons and administrators are the \
owner's.

{unreachable}

## Tables

What each role may select, and of it which rows the policies let through; an empty cell is no right at all. Rows of \
tickets and their events are shown only to a session that lets the planner leave the other side of the wall out.

{tables}

{closed}

## Moves of a ticket

{moves}

## Groups

A person's login is a member of one group and has no other rights.

{groups}
"""

FUNCTIONS = """
select
    p.proname::text,
    pg_get_function_identity_arguments(p.oid),
    obj_description(p.oid, 'pg_proc'),
    array(select g.name from unnest(%(groups)s::text[]) as g (name)
          where has_function_privilege(g.name, p.oid, 'execute'))
from pg_proc as p
where p.pronamespace = 'muni'::regnamespace
order by p.proname, 2
"""

TABLES = """
select
    c.relname::text,
    c.relrowsecurity,
    c.relispartition,
    g.name,
    has_table_privilege(g.name, c.oid, 'select') or has_any_column_privilege(g.name, c.oid, 'select'),
    array(select pg_get_expr(p.polqual, p.polrelid) from pg_policy as p
          where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
              and to_regrole(g.name) = any (p.polroles) order by p.polname)
from pg_class as c
cross join unnest(%(groups)s::text[]) with ordinality as g (name, place)
where c.relnamespace = 'muni'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by c.relname, g.place
"""

MOVES = "select from_status, to_status, roles from muni.status_transitions"

GROUP_ROWS = """
select
    r.rolname::text,
    concat_ws(', ',
        case when r.rolcanlogin then 'LOGIN' else 'NOLOGIN' end,
        case when r.rolsuper then 'SUPERUSER' end,
        case when r.rolcreaterole then 'CREATEROLE' end,
        case when r.rolcreatedb then 'CREATEDB' end,
        case when r.rolreplication then 'REPLICATION' end,
        case when r.rolbypassrls then 'BYPASSRLS' end),
    array(select m.roleid::regrole::text || case when m.admin_option then ' (ADMIN)' else '' end
          from pg_auth_members as m where m.member = r.oid order by 1)
from pg_roles as r
where r.rolname = any (%(groups)s)
order by array_position(%(groups)s::text[], r.rolname::text)
"""

STATUSES = ("open", "in_progress", "on_hold", "escalated", "resolved", "closed")

# The conditions that policies are made of, in plain words; one that is not known stands as it is.
CLAUSES = (
    (
        r"\(?calendar_id IN \( SELECT c\.id FROM muni\.calendars c WHERE \(c\.\S+ = \( SELECT [^)]*\)[^)]*\)+",
        "of the own municipality's calendars",
    ),
    (
        r"\(?(?:municipality_)?id = \( SELECT muni\.municipality_as\('\w+'::text\)[^)]*\)\)?",
        "own municipality",
    ),
    (r"\(is_sensitive = false\)", "municipal tickets"),
    (r"\(is_sensitive = true\)", "GBV reports"),
    (r"\(recipient = SESSION_USER\)", "one's own"),
    (r"muni\.planner_prunes\(\)", ""),
    (r"\(\(role <> 'saps_liaison'::text\) OR false\)", "liaisons left out"),
    (r"\(\(role <> 'saps_liaison'::text\) OR true\)", ""),
    (r"\(?\( SELECT muni\.municipality_as\('\w+'::text\)[^)]*\) IS NOT NULL\)?", "all"),
)


def write(owner: psycopg.Connection) -> str:
    """The page, from the catalog as the schema's owner reads it."""
    groups = {"groups": list(GROUPS.values())}
    everyone = {"groups": [*GROUPS.values(), "muni_owner", "muni_people"]}
    with owner.transaction():
        # So that every name of ours in an expression is written with its schema.
        owner.execute("set local search_path = pg_catalog, pg_temp")
        functions = owner.execute(FUNCTIONS, groups).fetchall()
        tables = owner.execute(TABLES, groups).fetchall()
        return PAGE.format(
            functions=_functions(functions),
            unreachable=_unreachable(functions),
            tables=_tables(tables),
            closed=_closed(tables),
            moves=_moves(owner.execute(MOVES).fetchall()),
            groups=_groups(owner.execute(GROUP_ROWS, everyone).fetchall()),
        )


def _table(head: Iterable[str], rows: Iterable[Sequence[str]], tail: str = "---") -> str:
    columns = list(head)
    lines = [columns, ["---"] * (len(columns) - len(GROUPS)) + [tail] * len(GROUPS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [*lines, *rows])


def _marks(granted: Iterable[str]) -> list[str]:
    held = set(granted)
    return ["✓" if group in held else "" for group in GROUPS.values()]


def _functions(rows: Sequence[tuple[str, str, str | None, list[str]]]) -> str:
    return _table(
        ("function", "what it does", *GROUPS),
        [
            (f"`{name}({_arguments(arguments)})`", _plain(comment), *_marks(granted))
            for name, arguments, comment, granted in rows
            if granted
        ],
        ":-:",
    )


def _arguments(identity: str) -> str:
    """The names of what goes in; their types are in the function's file."""
    given = re.split(r", (?![^(]*\))", identity) if identity else []
    return ", ".join(part.split()[0] for part in given if not part.startswith("OUT "))


def _plain(comment: str | None) -> str:
    return (comment or "").rstrip(".").replace("|", "\\|")


def _unreachable(rows: Sequence[tuple[str, str, str | None, list[str]]]) -> str:
    names = sorted({name for name, _, _, granted in rows if not granted})
    inner = sum(name.startswith("_") for name in names)
    others = ", ".join(f"`{name}`" for name in names if not name.startswith("_"))
    return (
        f"{inner} functions whose names begin with `_` are for these to call, and {others} for proving the "
        "history: nobody but the owner may."
    )


def _tables(rows: Sequence[tuple[str, bool, bool, str, bool, list[str]]]) -> str:
    cells: dict[str, list[str]] = {}
    for name, secured, _, _, granted, policies in rows:
        seen = _seen(policies) if secured else "all"
        cells.setdefault(name, []).append(seen if granted else "")
    return _table(
        ("table", *GROUPS),
        [(f"`{name}`", *texts) for name, texts in cells.items() if any(texts)],
    )


def _seen(policies: Sequence[str]) -> str:
    """The rows that any of these policies lets through, in plain words."""
    return " or ".join(_words(policy) for policy in policies) or "nothing"


def _words(policy: str) -> str:
    left = policy = " ".join(policy.split())
    words = []
    for pattern, plain in CLAUSES:
        left, found = re.subn(pattern, "", left)
        if found and plain:
            words.append(plain)
    if re.sub(r"AND|[()\s]", "", left):
        return f"`{policy}`"
    return ", ".join(words)


def _closed(rows: Sequence[tuple[str, bool, bool, str, bool, list[str]]]) -> str:
    readable = {name for name, _, _, _, granted, _ in rows if granted}
    closed = sorted({name for name, _, part, *_ in rows if not part} - readable)
    parts = sorted({name for name, _, part, *_ in rows if part} - readable)
    named = ", ".join(f"`{name}`" for name in closed)
    return (
        f"Nobody may select from {named}, nor from a partition by its name "
        f"({', '.join(f'`{name}`' for name in parts)})."
    )


def _moves(rows: Sequence[tuple[str, str, list[str]]]) -> str:
    who = {(before, after): roles for before, after, roles in rows}
    return "\n".join(
        [
            "| from \\ to | " + " | ".join(f"`{status}`" for status in STATUSES) + " |",
            "| --- " * (len(STATUSES) + 1) + "|",
            *(
                f"| `{before}` | "
                + " | ".join(_movers(who.get((before, after), ())) for after in STATUSES)
                + " |"
                for before in STATUSES
            ),
        ]
    )


def _movers(roles: Sequence[str]) -> str:
    return "everybody" if set(roles) == set(world.GROUPS) else ", ".join(roles)


def _groups(rows: Sequence[tuple[str, str, list[str]]]) -> str:
    return "\n".join(
        [
            "| group | role | attributes | member of |",
            "| --- | --- | --- | --- |",
            *(
                f"| `{name}` | {_role(name)} | {attributes} | {', '.join(member)} |"
                for name, attributes, member in rows
            ),
        ]
    )


def _role(group: str) -> str:
    roles = {name: role for role, name in GROUPS.items()} | {
        "muni_owner": "owns schema, tables and functions",
        "muni_people": "owns the functions that make and bar logins",
    }
    return roles[group]
