"""Statements of an operator's own views. A row is written by the law's function alone, as it stands."""

from __future__ import annotations

from sqlalchemy import Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

_place = bindparam("place", type_=Integer)
_name = bindparam("name", type_=Text)

VIEWS = text("select v.place, v.name, v.filter, v.sort from muni.saved_views as v order by v.place")
SAVE = text("select muni.save_view(:place, :name, :filter, :sort)").bindparams(
    _place, _name, bindparam("filter", type_=JSONB), bindparam("sort", type_=Text)
)
# What this release does not understand of a stored filter stays in it under another name or key.
RENAME = text("""
    select muni.save_view(v.place, :name, v.filter, v.sort)
    from muni.saved_views as v
    where v.place = :place
""").bindparams(_place, _name)
# Either row goes where the other was, in one statement; in which order makes no difference.
MOVE = text("""
    select muni.save_view(case v.place when :place then :to else :place end, v.name, v.filter, v.sort)
    from muni.saved_views as v
    where v.place in (:place, :to)
""").bindparams(_place, bindparam("to", type_=Integer))
DELETE = text("select muni.delete_view(:place)").bindparams(_place)
