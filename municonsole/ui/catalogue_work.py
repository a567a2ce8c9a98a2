"""What can be done to a ticket, as delivered: the keys that ask for a form, and `t`, which asks nothing."""

from __future__ import annotations

from municonsole.domain.permissions import Permission
from municonsole.ui.action import Action, Group, Matter, Where

_ANY = frozenset(Matter)
_ORDINARY = frozenset({Matter.MUNICIPAL})
_DESK = frozenset({Matter.MUNICIPAL, Matter.GBV})


def _work(
    name: str,
    key: str,
    label: str,
    tooltip: str,
    permission: Permission,
    matters: frozenset[Matter],
    footer: int = 0,
) -> Action:
    """Something done to the ticket under the cursor, or to the open one."""
    return Action(
        f"ticket.{name}",
        (key,),
        f"work('ticket.{name}')",
        label,
        tooltip,
        Group.WORK,
        frozenset({Where.QUEUE, Where.TICKET}),
        permission,
        footer,
        palette=True,
        matters=matters,
    )


WORK = (
    _work("status", "s", "Status", "change the status", Permission.CHANGE_STATUS, _ANY, footer=2),
    _work(
        "note",
        "c",
        "Note",
        "write a note, for colleagues or for the citizen",
        Permission.ADD_NOTE,
        _ANY,
        footer=3,
    ),
    _work("take", "t", "Take", "take it upon oneself", Permission.TAKE_TICKET, _DESK, footer=4),
    _work(
        "contact",
        "p",
        "Contact made",
        "record that the citizen was spoken to",
        Permission.RECORD_CONTACT,
        _DESK,
    ),
    _work("escalate", "e", "Escalate", "escalate, with a reason", Permission.ESCALATE, _DESK),
    _work(
        "assign",
        "a",
        "Assign",
        "give it to a team or a person",
        Permission.ASSIGN_TICKET,
        _ANY,
    ),
    _work(
        "route",
        "A",
        "Route",
        "give it to the team that the rules name",
        Permission.ASSIGN_TICKET,
        _ANY,
    ),
    Action(
        "ticket.undo",
        ("u",),
        "undo",
        "Undo",
        "take your last assignment back, of one ticket or of many, within five minutes",
        Group.WORK,
        frozenset({Where.QUEUE, Where.TICKET, Where.RESULTS}),
        Permission.UNDO_ASSIGNMENT,
        footer=9,
        palette=True,
    ),
    _work(
        "deadline",
        "d",
        "Deadline",
        "set a deadline by hand",
        Permission.OVERRIDE_DEADLINE,
        _ORDINARY,
    ),
    _work(
        "reclassify",
        "R",
        "Category",
        "give it another category",
        Permission.RECLASSIFY,
        _ORDINARY,
    ),
    _work(
        "mark_sensitive",
        "m",
        "Mark sensitive",
        "hand it over to SAPS as a GBV report, for good",
        Permission.MARK_SENSITIVE,
        _ORDINARY,
    ),
)
