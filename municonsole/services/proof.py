"""Whether whoever sits at a console that was left is its operator: a login that is made anew."""

from __future__ import annotations

import secrets

from municonsole.db.connection import Login
from municonsole.db.session import Session
from municonsole.domain.errors import NotAnOperator
from municonsole.domain.records import OperatorContext
from municonsole.services.login import log_in


class Proof:
    """Logs `operator` in over a connection of its own, which ends with that; nothing is kept of it.

    `known` is the password of a login that nobody was asked for (the demo's): there is nothing to prove
    then. What libpq or the keyring know of a password counts for nothing: it proves no presence.
    """

    def __init__(self, login: Login, operator: OperatorContext, known: str | None = None) -> None:
        self._login = login
        self._operator = operator
        self._known = known

    @property
    def asks(self) -> bool:
        """Whether a password has to be typed."""
        return self._known is None and self._login.asks

    async def give(self, password: str) -> None:
        """Return when `password` is the operator's, or when the server asks this login for none.

        Raises LoginFailed for another (LoginClosed for a login that was switched off), Unreachable,
        NotAnOperator for whoever has been disabled or is somebody else by now, SchemaMismatch.
        """
        # With none libpq would look for one: a guess that nobody can make shows whether one is asked for.
        wanted = self._known or password or secrets.token_urlsafe()
        session = Session(lambda: self._login.connect(wanted))
        try:
            now = await log_in(session)
        finally:
            await session.close()
        if (now.role, now.municipality.id) != (self._operator.role, self._operator.municipality.id):
            raise NotAnOperator("your role has been changed; leave the console and open it again")
