"""Who logs in and with which password: libpq's own sources, then the keyring, then a question.

Passwords are PostgreSQL's; this module only carries one to libpq and, when its owner wants it, to
the keyring of the machine. None is ever written to a file, a log or a command line by us.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from municonsole.domain.errors import InvalidInput, LoginFailed, PasswordNeeded
from municonsole.domain.text import clean_line
from municonsole.keyrings import Keyring, KeyringUnusable

DSN_VARIABLE = "MUNICONSOLE_DSN"
_TTY = Path("/dev/tty")
ATTEMPTS = 3
"""How often a mistyped password may be typed again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dsn:
    """A libpq connection string or URI, and the words for where it was found."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Account:
    """A login on one database; as text, the name of its keyring entry."""

    user: str
    host: str
    port: str
    dbname: str

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.dbname}"


def choose_dsn(
    option: str | None, configured: str, environment: Mapping[str, str] = os.environ
) -> Dsn:
    """The connection string in force: `--dsn`, else MUNICONSOLE_DSN, else `[database] dsn`.

    Raises InvalidInput for one that libpq cannot parse, and for a `--dsn` that holds a password,
    in whichever spelling: libpq's own parser says so.
    """
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    if option is not None:
        dsn = Dsn(option, "--dsn")
    elif from_environment := environment.get(DSN_VARIABLE):
        dsn = Dsn(from_environment, DSN_VARIABLE)
    else:
        dsn = Dsn(configured, "[database] dsn" if configured else "libpq's environment")
    try:
        fields = conninfo_to_dict(dsn.text)
    except Error:  # its message quotes the string, which may hold a password
        raise InvalidInput(
            f"{dsn.source} is not a libpq connection string or URI; "
            "one looks like postgresql://user@host/database"
        ) from None
    if option is not None and fields.keys() & {"password", "sslpassword"}:
        raise InvalidInput(
            "--dsn holds a password, which everyone on this machine can read in the process list; "
            "leave it out: it is asked for, or taken from ~/.pgpass or the keyring"
        )
    return dsn


def account_of(dsn: str) -> Account:
    """Who `dsn` logs in as and where, completed from libpq's environment and service file."""
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    given = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value}
    with _service(given.get("service")):
        options = Conninfo.get_defaults()
    known = {option.keyword.decode(): option.val.decode() for option in options if option.val}
    known |= given
    user = known.get("user", "")
    return Account(
        user=user,
        host=known.get("host") or known.get("hostaddr") or "localhost",
        port=known.get("port", "5432"),
        dbname=known.get("dbname") or user,
    )


@contextmanager
def _service(name: str | None) -> Iterator[None]:
    """Let libpq's defaults be those of a service: it has no other way to ask for them."""
    before = os.environ.get("PGSERVICE")
    if name is not None:
        os.environ["PGSERVICE"] = name
    try:
        yield
    finally:
        if name is not None:
            os.environ.pop("PGSERVICE")
            if before is not None:
                os.environ["PGSERVICE"] = before


class Person(Protocol):
    """Who can be asked while a login is resolved."""

    def password(self, account: Account) -> str | None:
        """Ask for the password; None when nobody can be asked or nothing was typed."""

    def agrees(self, question: str) -> bool:
        """Ask a question whose default answer is no."""

    def tell(self, sentence: str) -> None:
        """Say something that needs no answer."""


def log_in(
    connect: Callable[[str | None], T],
    account: Callable[[], Account],
    keyring: Keyring,
    person: Person,
) -> tuple[T, str | None]:
    """What `connect` returns, and the password it took: None where libpq needed none from us.

    `connect` raises PasswordNeeded when the server wants a password that libpq has not got, and
    LoginFailed when it does not accept the one it got. libpq is tried first and by itself; only
    then are keyring and person asked. A typed password that was accepted is offered to the keyring.
    """
    problem: LoginFailed
    try:
        return connect(None), None
    except PasswordNeeded as refusal:
        problem = refusal
    who = account()
    kept, usable = _from_keyring(who, keyring, person)
    if kept is not None:
        try:
            return connect(kept), kept
        except LoginFailed as refusal:
            person.tell("the password in the keyring was not accepted")
            problem = refusal
    connection, password = _from_person(connect, who, person, problem)
    if usable and person.agrees("Keep this password in the keyring?"):
        try:
            keyring.set(str(who), password)
        except KeyringUnusable as unusable:
            person.tell(str(unusable))
    return connection, password


def _from_keyring(who: Account, keyring: Keyring, person: Person) -> tuple[str | None, bool]:
    """The password kept for `who`, and whether the keyring can be used at all."""
    try:
        return keyring.get(str(who)), True
    except KeyringUnusable as unusable:
        person.tell(str(unusable))
        return None, False


def _from_person(
    connect: Callable[[str | None], T], who: Account, person: Person, problem: LoginFailed
) -> tuple[T, str]:
    for _ in range(ATTEMPTS):
        typed = person.password(who)
        if not typed:
            break
        try:
            return connect(typed), typed
        except LoginFailed as refusal:
            problem = refusal
            person.tell(str(refusal))
    raise problem


class Terminal:
    """The person at the controlling terminal, whatever standard input and output are tied to."""

    def password(self, account: Account) -> str | None:
        """Ask without echo; None when there is no terminal or the answer is an end of file."""
        if not _has_terminal():
            return None
        try:
            return getpass.getpass(f"Password for {clean_line(str(account))}: ")
        except EOFError:
            return None

    def agrees(self, question: str) -> bool:
        """Ask for y or n; anything but a yes, and no terminal at all, is a no."""
        try:
            with _TTY.open("w") as screen, _TTY.open() as keys:
                screen.write(f"{question} [y/N] ")
                screen.flush()
                return keys.readline().strip().lower() in ("y", "yes")
        except OSError:
            return False

    def tell(self, sentence: str) -> None:
        """Say it on standard error."""
        import click

        click.echo(f"municonsole: {clean_line(sentence)}", err=True)


def _has_terminal() -> bool:
    try:
        os.close(os.open(_TTY, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
