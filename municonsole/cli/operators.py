"""`municonsole operators …`: people, managed by an administrator or by the database's owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

from municonsole.cli.output import print_json, print_table, say
from municonsole.cli.params import as_json, cleaned
from municonsole.cli.root import Root, pass_root
from municonsole.cli.secret import new_password
from municonsole.domain.errors import InvalidInput, NotAnOperator
from municonsole.domain.permissions import Permission
from municonsole.domain.text import clean_line
from municonsole.domain.values import Role

if TYPE_CHECKING:
    from municonsole.db.owner import Connection
    from municonsole.domain.records import Colleague
    from municonsole.services.desk import Desk

    Do = Callable[[Callable[[Desk], Awaitable[Any]], Callable[[Connection], Any]], Any]

login_argument = click.argument("login", callback=cleaned)


@contextmanager
def _managing(root: Root, permission: Permission | None = None) -> Iterator[Do]:
    """What does one thing at an administrator's desk, or else as the owner, who has no desk.

    Whoever lacks `permission` is refused before anything more is asked.
    """
    from municonsole import bootstrap
    from municonsole.db import owner

    config = root.config()
    dsn = root.dsn(config)
    password = bootstrap.owner_password(dsn, config)  # asked once, whoever it turns out to be
    with ExitStack() as stack:
        try:
            desk, run = stack.enter_context(bootstrap.open_desk_of(config, dsn, password))
        except NotAnOperator:
            desk = None
        if desk is not None:
            if permission is not None:
                desk.staff.require(permission)
            yield lambda at_desk, _: run(at_desk(desk))
        else:
            connection = stack.enter_context(owner.as_owner(dsn.text, password))
            yield lambda _, as_owner: as_owner(connection)


@click.group()
def operators() -> None:
    """Add, disable and move operators and managers of your municipality.

    For administrators. The login that owns the database does the same for everybody, SAPS liaisons
    and administrators too.
    """


@operators.command("list")
@as_json
@pass_root
def list_(root: Root, json_wanted: bool) -> None:
    """List the people of your municipality."""
    from municonsole.db import owner

    async def at_desk(desk: Desk) -> list[tuple[str, Colleague, str | None]]:
        teams = {team.id: team.name for team in await desk.people.teams()}
        return [
            (
                desk.operator.municipality.code,
                person,
                teams.get(person.team_id) if person.team_id is not None else None,
            )
            for person in await desk.staff.members()
        ]

    with _managing(root) as do:
        people: list[tuple[str, Colleague, str | None]] = do(at_desk, owner.members)
    if json_wanted:
        print_json(
            [
                {
                    "username": person.username,
                    "full_name": person.full_name,
                    "role": person.role,
                    "municipality": code,
                    "team": team,
                    "is_active": person.is_active,
                }
                for code, person, team in people
            ]
        )
        return
    print_table(
        ("LOGIN", "ROLE", "PLACE", "TEAM", "STATE", "NAME"),
        [
            (
                person.username,
                person.role,
                code,
                team or "-",
                "active" if person.is_active else "disabled",
                person.full_name,
            )
            for code, person, team in people
        ],
        first_to_go=("PLACE", "STATE", "TEAM"),
    )


@operators.command()
@login_argument
@click.option("--name", "full_name", required=True, metavar="TEXT", help="As colleagues read it.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OPERATOR.value,
    show_default=True,
    help="An administrator adds operators and managers.",
)
@click.option("--team", metavar="NAME")
@click.option("--municipality", metavar="CODE", help="For the database's owner, who has none.")
@pass_root
def add(
    root: Root,
    login: str,
    full_name: str,
    role: str,
    team: str | None,
    municipality: str | None,
) -> None:
    """Make LOGIN for a new person; the first password is asked for, or one line on standard input.

    Choose a neutral LOGIN, like operator17: every login of the server can read it, and it stays in
    histories.
    """
    from municonsole.db import owner

    async def at_desk(desk: Desk) -> None:
        if municipality not in (None, desk.operator.municipality.code):
            raise InvalidInput(
                "an administrator adds people to their own municipality; leave out --municipality"
            )
        await desk.staff.add(login, full_name, Role(role), team, password)

    def as_owner(connection: Connection) -> None:
        owner.add(
            connection,
            username=login,
            full_name=clean_line(full_name),
            role=Role(role),
            municipality=municipality,
            team=team,
            password=password,
        )

    with _managing(root, Permission.CREATE_OPERATOR) as do:
        password = new_password(login)
        do(at_desk, as_owner)
    say(f"{login} can log in now.")


@operators.command()
@login_argument
@pass_root
def disable(root: Root, login: str) -> None:
    """Shut LOGIN out at once, on open consoles too."""
    from municonsole.db import owner

    with _managing(root, Permission.DISABLE_OPERATOR) as do:
        do(
            lambda desk: desk.staff.disable(login),
            lambda connection: owner.set_active(connection, login, active=False),
        )
    say(f"{login} is disabled.")


@operators.command()
@login_argument
@pass_root
def enable(root: Root, login: str) -> None:
    """Let LOGIN work again."""
    from municonsole.db import owner

    with _managing(root, Permission.ENABLE_OPERATOR) as do:
        do(
            lambda desk: desk.staff.enable(login),
            lambda connection: owner.set_active(connection, login, active=True),
        )
    say(f"{login} is enabled.")


@operators.command("set-team")
@login_argument
@click.argument("team", required=False)
@pass_root
def set_team(root: Root, login: str, team: str | None) -> None:
    """Move LOGIN to TEAM; without TEAM, to none."""
    from municonsole.db import owner

    with _managing(root, Permission.SET_OPERATOR_TEAM) as do:
        do(
            lambda desk: desk.staff.set_team(login, team),
            lambda connection: owner.set_team(connection, login, team),
        )
    say(f"{login} is in {team}." if team else f"{login} is in no team.")


@operators.command("reset-password")
@login_argument
@pass_root
def reset_password(root: Root, login: str) -> None:
    """Give LOGIN a new password, which is asked for, or one line on standard input."""
    from municonsole.db import owner

    with _managing(root, Permission.RESET_OPERATOR_PASSWORD) as do:
        password = new_password(login)
        do(
            lambda desk: desk.staff.reset_password(login, password),
            lambda connection: owner.reset_password(connection, login, password),
        )
    say(f"{login} has a new password.")
