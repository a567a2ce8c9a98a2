"""The verifiers of the tests' passwords, cheap to check: a run logs in some twenty thousand times."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


def verifier(password: str) -> str:
    """Give a password's SCRAM-SHA-256 verifier (RFC 5802) of one iteration, as PostgreSQL stores it.

    libpq makes it of 4096, which both ends compute at every login: 15 ms instead of 8.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_, stored_, server_ = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256$1:{salt_}${stored_}:{server_}"
