"""Alembic's door to the database: runs the revisions on the connection that `db.migrate` hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=None,
    version_table="schema_version",
    version_table_schema="muni",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
