"""Who logs in and with which password: libpq, the keyring, a question, in this order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring as keyring_library
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import PasswordDeleteError

from municonsole.credentials import Account, account_of, choose_dsn, log_in
from municonsole.domain.errors import InvalidInput, LoginFailed, PasswordNeeded, Unreachable
from municonsole.keyrings import SERVICE, Keyring, KeyringUnusable

ACCOUNT = Account("operator3", "db.example.org", "5432", "municipality")


class MemoryKeyring(KeyringBackend):
    """A keyring that works."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class PlaintextKeyring(MemoryKeyring):
    """Named as the one of keyrings.alt, which writes passwords into a readable file."""


class LockedKeyring(MemoryKeyring):
    """Waits for somebody to unlock it, who never comes."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.end_of_test = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.end_of_test.wait()
        return None


class BrokenKeyring(MemoryKeyring):
    """Fails as a desktop's service does when it is not what it said."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("secret of operator3 is malformed")


class Chain(ChainerBackend):
    """Several keyrings behind each other, given instead of discovered."""

    priority = 10
    backends: tuple[KeyringBackend, ...] = ()


class ScriptedPerson:
    """Answers what it was told to, and remembers what it was told and asked."""

    def __init__(self, *passwords: str | None, agrees: bool = False) -> None:
        self.passwords = iter(passwords)
        self.answer = agrees
        self.asked: list[str] = []
        self.told: list[str] = []

    def password(self, account: Account) -> str | None:
        self.asked.append(str(account))
        return next(self.passwords, None)

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer

    def tell(self, sentence: str) -> None:
        self.told.append(sentence)


class Door:
    """Lets in with one password, as a server that libpq has none for."""

    def __init__(self, right: str | None) -> None:
        self.right = right
        self.tried: list[str | None] = []

    def __call__(self, password: str | None) -> str:
        self.tried.append(password)
        if password == self.right:
            return "in"
        if password is None:
            raise PasswordNeeded("the database asks for a password and none was given")
        raise LoginFailed("the database did not accept the login")


@contextmanager
def in_use(backend: KeyringBackend) -> Iterator[None]:
    """Make `backend` the keyring of this machine for a while."""
    before = keyring_library.get_keyring()
    keyring_library.set_keyring(backend)
    try:
        yield
    finally:
        keyring_library.set_keyring(before)


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    backend = MemoryKeyring()
    with in_use(backend):
        yield backend


@pytest.fixture
def locked() -> Iterator[LockedKeyring]:
    backend = LockedKeyring()
    with in_use(backend):
        yield backend
    backend.end_of_test.set()


def enter(door: Door, person: ScriptedPerson, *, patience: float = 3) -> tuple[str, str | None]:
    return log_in(door, lambda: ACCOUNT, Keyring(patience), person)


def test_libpq_alone_is_enough_where_it_knows_the_password(memory: MemoryKeyring):
    """Whoever has ~/.pgpass is asked nothing."""
    person = ScriptedPerson()

    assert enter(Door(None), person) == ("in", None)
    assert person.asked == person.told == []


def test_the_keyring_is_asked_before_the_person(memory: MemoryKeyring):
    """A kept password opens the console without a question."""
    Keyring().set(str(ACCOUNT), "kept")
    person = ScriptedPerson()

    assert enter(Door("kept"), person) == ("in", "kept")
    assert person.asked == person.told == []


def test_a_typed_password_is_offered_to_the_keyring_after_it_worked(memory: MemoryKeyring):
    """Nobody types a password twice who does not want to."""
    person = ScriptedPerson("typed", agrees=True)

    assert enter(Door("typed"), person) == ("in", "typed")
    assert person.asked == [str(ACCOUNT), "Keep this password in the keyring?"]
    assert memory.kept == {(SERVICE, "operator3@db.example.org:5432/municipality"): "typed"}


def test_a_no_keeps_nothing(memory: MemoryKeyring):
    """The offer's default is no."""
    enter(Door("typed"), ScriptedPerson("typed"))

    assert memory.kept == {}


def test_a_wrong_password_is_neither_offered_nor_kept(memory: MemoryKeyring):
    """A mistyped password may be typed again, three times in all."""
    door = Door("right")
    person = ScriptedPerson("a", "b", "c", "right", agrees=True)

    with pytest.raises(LoginFailed):
        enter(door, person)

    assert door.tried == [None, "a", "b", "c"]
    assert memory.kept == {}


def test_a_changed_password_replaces_the_one_in_the_keyring(memory: MemoryKeyring):
    """After a reset the old password is said to be wrong, and the new one takes its place."""
    Keyring().set(str(ACCOUNT), "old")
    person = ScriptedPerson("new", agrees=True)

    assert enter(Door("new"), person) == ("in", "new")
    assert person.told == ["the password in the keyring was not accepted"]
    assert Keyring().get(str(ACCOUNT)) == "new"


def test_without_an_answer_the_servers_word_stands(memory: MemoryKeyring):
    """Where nobody can be asked, the error is the server's."""
    with pytest.raises(PasswordNeeded):
        enter(Door("right"), ScriptedPerson(None))


def test_an_unreachable_server_asks_nobody(memory: MemoryKeyring):
    """Nobody types a password for a server that is not there."""
    person = ScriptedPerson("typed")

    def nowhere(password: str | None) -> str:
        raise Unreachable("the database cannot be reached")

    with pytest.raises(Unreachable):
        log_in(nowhere, lambda: ACCOUNT, Keyring(), person)

    assert person.asked == []


def test_a_locked_keyring_is_given_up_after_its_time_and_not_asked_again(locked: LockedKeyring):
    """A keyring that waits for an absent person does not hold up the console."""
    person = ScriptedPerson("typed", agrees=True)

    assert enter(Door("typed"), person, patience=0.05) == ("in", "typed")
    assert person.told == [
        "the keyring is not used: it did not answer within 0.05 s; it may be locked"
    ]
    assert person.asked == [str(ACCOUNT)]
    assert locked.asked == 1


def test_a_locked_keyring_that_was_asked_once_says_so_at_once(locked: LockedKeyring):
    """The three seconds are spent once."""
    keyring = Keyring(0.05)
    for _ in range(2):
        with pytest.raises(KeyringUnusable, match="did not answer"):
            keyring.get("entry")

    assert locked.asked == 1


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (NoKeyring(), "there is none on this machine"),
        (NullKeyring(), "it is switched off on this machine"),
        (PlaintextKeyring(), "it would keep the password in plain text"),
        (BrokenKeyring(), r"it failed \(RuntimeError\)$"),
    ],
    ids=["none", "null", "plaintext", "broken"],
)
def test_a_keyring_of_no_use_is_said_and_not_used(backend: KeyringBackend, reason: str):
    """No password goes where it is lost or can be read; the login works all the same."""
    person = ScriptedPerson("typed", agrees=True)
    with in_use(backend):
        assert enter(Door("typed"), person) == ("in", "typed")
        with pytest.raises(KeyringUnusable, match=f"^the keyring is not used: {reason}"):
            Keyring().get("entry")

    assert len(person.told) == 1
    assert getattr(backend, "kept", {}) == {}


def test_of_a_chain_the_first_keyring_that_keeps_secrets_is_used():
    """A plaintext keyring installed beside a good one does no harm."""
    good, plain = MemoryKeyring(), PlaintextKeyring()
    chain = Chain()
    chain.backends = (plain, NullKeyring(), good)
    with in_use(chain):
        Keyring().set("entry", "secret")

    assert good.kept == {(SERVICE, "entry"): "secret"}
    assert plain.kept == {}


def test_deleting_says_whether_there_was_something(memory: MemoryKeyring):
    """Logging out twice is no error."""
    keyring = Keyring()
    keyring.set("entry", "secret")

    assert [keyring.delete("entry"), keyring.delete("entry")] == [True, False]
    assert memory.kept == {}


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://operator3:secret@db/municipality",
        "postgresql://operator3:sec%72et%40@db/municipality",
        "postgresql://db/municipality?password=secret",
        "postgresql://db/municipality?pass%77ord=secret",
        "postgres://db/municipality?sslpassword=secret",
        "host=db password=secret",
        "host=db password = 'secret'",
        "host=db password=''",
    ],
)
def test_a_password_inside_dsn_is_refused_however_it_is_written(dsn: str):
    """Everybody on the machine reads command lines."""
    with pytest.raises(InvalidInput, match="--dsn holds a password") as refusal:
        choose_dsn(dsn, "", {})

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("dsn", ["host", "host=db frob=1", "postgresql://u:%zz@db", "secret word"])
def test_a_dsn_that_libpq_cannot_read_is_refused_without_repeating_it(dsn: str):
    """A mistyped connection string is not echoed: it may hold a password."""
    with pytest.raises(InvalidInput, match=r"^--dsn is not a libpq connection string") as refusal:
        choose_dsn(dsn, "", {})

    assert "secret" not in str(refusal.value)


def test_the_option_goes_before_the_variable_before_the_file_before_libpq():
    """--dsn, else MUNICONSOLE_DSN, else [database] dsn, else what libpq finds by itself."""
    named = {"MUNICONSOLE_DSN": "host=b"}
    chosen = [
        choose_dsn("host=a", "host=c", named),
        choose_dsn(None, "host=c", named),
        choose_dsn(None, "host=c", {}),
        choose_dsn(None, "", {}),
    ]

    assert [(dsn.text, dsn.source) for dsn in chosen] == [
        ("host=a", "--dsn"),
        ("host=b", "MUNICONSOLE_DSN"),
        ("host=c", "[database] dsn"),
        ("", "libpq's environment"),
    ]


def test_an_account_is_completed_as_libpq_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The entry in the keyring has the same name however the database was named."""
    services = tmp_path / "services"
    services.write_text("[town]\nhost=db.example.org\nuser=operator3\ndbname=municipality\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    names = {
        str(account_of("postgresql://operator3@db.example.org/municipality")),
        str(account_of("host=db.example.org user=operator3 dbname=municipality port=5432")),
        str(account_of("service=town")),
    }
    monkeypatch.setenv("PGSERVICE", "town")
    names.add(str(account_of("")))
    monkeypatch.delenv("PGSERVICE")
    monkeypatch.setenv("PGHOST", "db.example.org")
    monkeypatch.setenv("PGUSER", "operator3")
    names.add(str(account_of("dbname=municipality")))

    assert names == {"operator3@db.example.org:5432/municipality"}


def test_the_database_is_named_after_the_user_and_the_server_is_this_machine_by_default():
    """What nobody says is what psql would take."""
    assert str(account_of("user=operator3 port=5433")) == "operator3@localhost:5433/operator3"
