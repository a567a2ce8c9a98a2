"""Which requests of other systems have been imported, so that an import can be run again."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create `import_sources`.

    It knows no ticket: a request stays imported when its ticket moves behind the wall, and nothing
    leads from its number in the old system to a GBV report.
    """
    op.execute("""
        create table import_sources (
            municipality_id int not null references municipalities,
            source text collate "C" not null check (length(source) between 1 and 64),
            source_id text collate "C" not null check (length(source_id) between 1 and 200),
            primary key (municipality_id, source, source_id)
        );
        alter table import_sources enable row level security;
    """)
