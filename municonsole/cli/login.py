"""`municonsole login` and `logout`: the password in the keyring of this machine."""

from __future__ import annotations

import click

from municonsole.cli.output import say
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import InvalidInput, MuniconsoleError


@click.command()
@pass_root
def login(root: Root) -> None:
    """Ask for your password, try it on the server, and keep it in the keyring."""
    from municonsole.credentials import Terminal, account_of
    from municonsole.db.connection import connect_sync
    from municonsole.keyrings import Keyring

    config = root.config()
    dsn = root.dsn(config).text
    keyring = Keyring()
    where = keyring.name()  # before anything is asked: a keyring that is of no use says so
    account = account_of(dsn)
    password = Terminal().password(account)
    if not password:
        raise InvalidInput("login asks for the password on a terminal, and none was given")
    with connect_sync(
        dsn, password=password, connect_timeout=config.database.connect_timeout
    ) as connection:
        asked = connection.pgconn.used_password
    if not asked:
        raise MuniconsoleError(
            f"the server lets {account} in without a password, so none was tried and none is kept"
        )
    keyring.set(str(account), password)
    say(f"The password of {account} is kept in the keyring ({where}).")


@click.command()
@pass_root
def logout(root: Root) -> None:
    """Remove your password from the keyring."""
    from municonsole.credentials import account_of
    from municonsole.keyrings import Keyring

    account = account_of(root.dsn(root.config()).text)
    if Keyring().delete(str(account)):
        say(f"The password of {account} is no longer in the keyring.")
    else:
        say(f"The keyring holds no password of {account}.")
