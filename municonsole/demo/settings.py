"""How the demo's server is set up: modest, for loopback only, with nobody's words in its log."""

from __future__ import annotations

HOST = "127.0.0.1"

HBA = f"""\
# Written by municonsole: everybody proves a password, so row security is in force for everybody.
# TYPE  DATABASE  USER  ADDRESS         METHOD
host    all       all   {HOST}/32    scram-sha-256
"""
"""The whole pg_hba.conf."""

_ALWAYS = {
    # Not POSIX shared memory: a container has little of it, and a logout removes it from under a
    # server that stays.
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "listen_addresses": HOST,
    # No statement and no error of one reaches the log: both could hold a citizen's words.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_parameter_max_length_on_error": "0",
    "log_timezone": "UTC",
    "max_connections": "100",
    # One machine, no replica: the journal is kept short, and loading into a new table skips it.
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "unix_socket_directories": "",
    "wal_level": "minimal",
}
_FOR_TESTS = {
    # A killed machine may destroy what a test wrote; statistics change only when a test asks.
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "shared_buffers": "64MB",
}


def settings(major: int, port: int, *, durable: bool) -> dict[str, str]:
    """Give PostgreSQL's settings by name.

    They go on the server's command line and not into a file of the data folder: as root we never
    write where the server's account could have put a link.
    """
    chosen = _ALWAYS | ({} if durable else _FOR_TESTS) | {"port": str(port)}
    if major >= 18:
        chosen["io_method"] = "sync"  # three processes fewer; files this small are in memory
    return chosen
