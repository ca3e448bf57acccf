"""The places of the console: the key, the content, and the commands of each."""

from collections.abc import Sequence

from sim.drill.commands.command import Command

PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Overview": (
        "mail flow, the queue, activity; the first commands of any outage",
        ("alerts ack", "status check", "diagnose", "continuity start", "notify", "decide", "note"),
    ),
    "Gateway": (
        "the gateway's console: queue, continuity events, permissions",
        (
            "status check", "continuity show", "continuity start", "continuity extend", "continuity end",
            "permissions show", "permissions set", "sms show", "sms subscribe", "sms numbers",
            "signin console", "signin break-glass", "signin cloud", "signin directory", "signin seal",
            "deliveries pause", "deliveries resume",
            "queue retry", "queue reject", "queue bounce", "queue extend",
        ),
    ),
    "Server": (
        "the mail server, its connectors and protection, the backup MX; the ledger of mail by custody",
        (
            "status check", "connector show", "connector set", "connector test", "readiness show",
            "lock open", "lock close", "lock test", "firewall open", "firewall close",
            "filter-rule skip", "filter-rule restore", "enhanced-filtering",
            "backup check", "backup set", "backup test",
        ),
    ),
    "DNS": (
        "the zone, answers of resolvers, MTA-STS, arrivals per host",
        (
            "mx set", "ttl set", "dns ask", "dns flush", "mta-sts policy", "mta-sts id", "mta-sts show",
            "arrivals show",
        ),
    ),
    "Outside": (
        "status pages at their last check, probes from outside, support cases",
        ("status check", "probe mx", "phone"),
    ),
    "Phone": (
        "calls in progress and past calls, SMS and alert mail, alerts and their links",
        ("phone", "phone end", "alerts ack", "alerts open", "continuity start"),
    ),
    "People": (
        "staff, their hours and tasks; approvals; the objectives if they are shown",
        ("handover", "cancel", "approve"),
    ),
    "Tickets": (
        "the helpdesk: calls per hour, callers' reports, pilot users",
        ("continuity test", "phone", "notify"),
    ),
    "Room": (
        "the incident room: the plan's steps, updates and promises, approvals and decisions, openings",
        ("notify", "approve", "decide", "diagnose", "openings show", "openings prove", "note"),
    ),
    "Log": ("all activity, the newest on top", ("note",)),
}  # fmt: skip
"""The content and the commands of each place, in the order of the keys 1 … 9, 0."""

PLACE_KEYS = tuple(zip("1234567890", PLACES, strict=True))
"""(key, place)."""

_AT = {
    "status check gateway": "Gateway", "status check server": "Server", "status check": "Outside",
    "alerts ack": "Gateway", "continuity test": "Tickets", "continuity start": "Gateway",
    "phone": "Phone", "approve": "Room", "notify": "Room",
}  # fmt: skip
"""For commands that several places offer, the place that shows the result; of several beginnings that
match, the longest counts.
"""


def key_of(place: str) -> str:
    """The key that shows a place."""
    return next(key for key, name in PLACE_KEYS if name == place)


_BY_WHERE = {
    "gateway console": "Gateway", "continuity portal": "Gateway", "Exchange shell": "Server",
    "firewall console": "Server", "backup portal": "Server", "DNS host": "DNS", "status page": "Outside",
    "outside network": "Outside", "phone": "Phone", "incident room": "Room",
}  # fmt: skip
"""For all other commands, the place that shows the result, by the console in which the command is given."""


def home_of(text: str, kinds: Sequence[type[Command]] = ()) -> str:
    """The place for the result of the command `text`; empty if it is not a command."""
    for words in sorted(_AT, key=len, reverse=True):
        if _begins(text, words):
            return _AT[words]
    for place, (_, commands) in PLACES.items():
        if place != "Overview" and any(_begins(text, words) for words in commands):
            return place
    given = (kind for kind in kinds if _begins(text, " ".join(kind.words)))
    return next((_BY_WHERE[kind.facts.where] for kind in given), "")


def _begins(text: str, words: str) -> bool:
    return text == words or text.startswith(words + " ")


def of_place(place: str, kinds: Sequence[type[Command]]) -> list[type[Command]]:
    """The commands of a place, in order; empty for an unknown place."""
    by_words = {" ".join(kind.words): kind for kind in kinds}
    _, offered = PLACES.get(place, ("", ()))
    named = [by_words[words] for words in offered if words in by_words]
    everywhere = {words for _, commands in PLACES.values() for words in commands}
    others = (kind for words, kind in by_words.items() if words not in everywhere)
    return [*named, *(kind for kind in others if _BY_WHERE[kind.facts.where] == place)]
