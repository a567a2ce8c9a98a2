"""Statements of taking a call: the caller's tickets, what may be the same, suburbs, drafts, presence."""

from __future__ import annotations

from sqlalchemy import Double, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

# Both arms have an index of their own; open ones first, then the newest.
CALLER = text("""
    select c.id
    from (
        select t.id, t.status, t.created_at
        from muni.tickets as t
        where t.is_sensitive = false and t.reporter_phone = :phone
        union
        select t.id, t.status, t.created_at
        from muni.reporters as r
        join muni.tickets as t on t.id = r.ticket_id and t.is_sensitive = false
        where r.is_sensitive = false and r.reporter_phone = :phone
    ) as c
    order by c.status in ('resolved', 'closed'), c.created_at desc
    limit :limit
""").bindparams(bindparam("phone", type_=Text))

SIMILAR = text("""
    select s.ticket_id as id, s.metres, s.likeness
    from muni.similar_tickets(:category, :latitude, :longitude, :suburb, :words) as s
""").bindparams(
    bindparam("category", type_=Text),
    bindparam("latitude", type_=Double),
    bindparam("longitude", type_=Double),
    bindparam("suburb", type_=Text),
    bindparam("words", type_=Text),
)

SUBURBS = text("select s.name, s.latitude, s.longitude from muni.suburbs as s order by s.name")

DRAFT = text("""
    select d.content, d.saved_at
    from muni.drafts as d
    where d.kind = :kind and d.ticket_id is not distinct from :ticket
""").bindparams(bindparam("kind", type_=Text), bindparam("ticket", type_=Uuid))
SAVE_DRAFT = text("select muni.save_draft(:kind, :content, :ticket)").bindparams(
    bindparam("kind", type_=Text),
    bindparam("content", type_=JSONB),
    bindparam("ticket", type_=Uuid),
)
DELETE_DRAFT = text("select muni.delete_draft(:kind, :ticket, :attempt)").bindparams(
    bindparam("kind", type_=Text),
    bindparam("ticket", type_=Uuid),
    bindparam("attempt", type_=Uuid),
)

BE_PRESENT = text("select muni.be_present(:ticket)").bindparams(bindparam("ticket", type_=Uuid))
