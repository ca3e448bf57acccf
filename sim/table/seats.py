"""The seats of a table: the staff roles that each seat plays, its own consoles, and the panes that it
sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Where
from sim.drill.drill import Drill
from sim.drill.room.table_record import FACILITATOR
from sim.kernel.plain_line import not_plain
from sim.kernel.user_mistake import Mistake


class BadSeat(Mistake):
    """A seat that does not exist, in general or at this table; the text is the mistake and the right form."""


@dataclass(frozen=True, slots=True)
class SeatKind:
    """One kind of seat."""

    name: str
    """Name of the seat on the command line: `messaging`."""
    roles: tuple[str, ...]
    """Staff roles in the organisation's file that the seat plays."""
    owns: frozenset[Where]
    """Consoles whose commands belong to the seat, regardless of the command's role."""
    places: tuple[str, ...]
    """Panes of the console that the seat sees, in order."""
    does: str
    """The task of the seat, in a few words."""


_ROOM = ("People", "Room", "Log")
KINDS = (
    SeatKind(
        "messaging",
        ("messaging-admin",),
        frozenset({"gateway console", "continuity portal"}),
        ("Overview", "Gateway", "Server", "Outside", "Phone", *_ROOM),
        "runs the gateway, its continuity events and its queues",
    ),
    SeatKind(
        "server",
        ("server-team",),
        frozenset({"Exchange shell", "backup portal"}),
        ("Overview", "Server", "Outside", "Phone", *_ROOM),
        "runs the mail server, its connectors and the backup MX",
    ),
    SeatKind(
        "dns",
        (),
        frozenset({"DNS host"}),
        ("DNS", "Outside", "Phone", *_ROOM),
        "owns the zone: MX, TTL and MTA-STS",
    ),
    SeatKind(
        "security",
        ("security-approver",),
        frozenset({"firewall console"}),
        ("Room", "Outside", "Phone", "People", "Log"),
        "approves exposures and bypasses, and owns the firewall",
    ),
    SeatKind(
        "comms",
        ("communications",),
        frozenset(),
        ("Phone", "Tickets", *_ROOM),
        "notifies users, executives and partners",
    ),
    SeatKind(
        "helpdesk",
        ("helpdesk",),
        frozenset(),
        ("Tickets", "Phone", *_ROOM),
        "sees tickets and questions pilot users",
    ),
    SeatKind(
        "lead",
        ("incident-lead",),
        frozenset(),
        ("Overview", "Outside", "Phone", "Tickets", *_ROOM),
        "leads the incident: diagnosis, decisions, requests for approval",
    ),
)
"""The seats for players, in the order in which they are listed."""
BY_NAME = {one.name: one for one in KINDS}
USUAL = ("messaging", "dns", "comms", "lead")
"""The seats of a table if no other seats are requested."""
LONGEST_NAME = 40


def bad_name(person: str) -> str:
    """The mistake in the name of a person; empty if there is none."""
    if person.strip("\u200c\u200d \t") and not not_plain(person) and len(person) <= LONGEST_NAME:
        return ""
    return f"a name has 1 to {LONGEST_NAME} printable characters"


def seats_named(names: Sequence[str]) -> tuple[SeatKind, ...]:
    """The seats of those names, in the order of KINDS. Raises BadSeat."""
    for name in names:
        if name not in BY_NAME:
            raise BadSeat(f"{name}: not a seat; choose from {', '.join(BY_NAME)}")
        if names.count(name) > 1:
            raise BadSeat(f"{name}: given twice; a table has only one seat of each kind")
    if not names:
        raise BadSeat(f"a table needs a seat; choose from {', '.join(BY_NAME)}")
    return tuple(one for one in KINDS if one.name in names)


def owner(drill: Drill, command: Command, seats: Sequence[SeatKind]) -> str:
    """The seat at this table to which a command belongs: by the command's console, otherwise by its role;
    empty if there is none.
    """
    if command.by_anyone():
        return ""
    where, role = command.where(drill), command.facts.role
    by_console = next((one.name for one in seats if where in one.owns and role not in one.roles), "")
    by_role = next((one.name for one in seats if role in one.roles), "")
    return by_console or by_role


def not_allowed(drill: Drill, command: Command, seat: str, seats: Sequence[SeatKind]) -> str:
    """The reason why the seat may not give `command`; empty if it may.

    A command belongs to one seat. While that seat is empty, any seat may give it, because the simulator plays
    the people of an empty seat. The facilitator may give any command.
    """
    whose = owner(drill, command, seats)
    person = drill.table.people.get(whose)
    if seat in (whose, FACILITATOR) or not whose or person is None:
        return ""
    return f"`{' '.join(command.words)}` belongs to {person} at {whose}; `ask {whose} COMMAND` requests it"
