"""`municonsole db …`: the owner brings the database up to date, and proves that it is."""

from __future__ import annotations

import click

from municonsole.cli.output import say
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import MuniconsoleError


@click.group()
def db() -> None:
    """Upgrade the database, or prove that it is right.

    Both are for the login that owns the database and may create roles. Only `harden`, which is
    optional, takes a superuser.
    """


@db.command()
@pass_root
def upgrade(root: Root) -> None:
    """Bring schema and rules up to date, all of it or nothing.

    Doing it again changes nothing.
    """
    from municonsole import bootstrap
    from municonsole.db import migrate

    config = root.config()
    dsn = root.dsn(config)
    password = bootstrap.owner_password(dsn, config)
    migrate.upgrade(dsn.text, password=password, progress=say)
    say("The database is up to date.")


@db.command()
@pass_root
def check(root: Root) -> None:
    """Name every difference from what `upgrade` would make: tables, functions, policies, grants.

    Exit status 0 when there is none, 1 otherwise.
    """
    from municonsole import bootstrap
    from municonsole.db import migrate

    config = root.config()
    dsn = root.dsn(config)
    differences = migrate.check(dsn.text, password=bootstrap.owner_password(dsn, config))
    for difference in differences:
        say(difference)
    if differences:
        raise MuniconsoleError(
            f"the database differs in {len(differences)} places from what this program makes; "
            "municonsole db upgrade states the rules anew"
        )
    say("The database is as this program makes it.")


@db.command()
@pass_root
def harden(root: Root) -> None:
    """As a superuser, optional: close PostgreSQL's own statistics to operators.

    They show row counts, sizes, locks and sessions to every login. Members of pg_monitor go on
    seeing them. Doing it again changes nothing.
    """
    from municonsole import bootstrap
    from municonsole.db.harden import harden as close

    config = root.config()
    dsn = root.dsn(config)
    close(dsn.text, bootstrap.owner_password(dsn, config))
    say(
        "PostgreSQL's statistics are closed in this database to everybody but superusers and "
        "members of pg_monitor."
    )
