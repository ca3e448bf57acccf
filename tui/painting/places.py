"""The places of the console: one key each, what is seen there, and the commands that are given there."""

from collections.abc import Sequence

from sim.drill.commands.command import Command

PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Overview": (
        "the way of mail, the queue, what reaches you; the first commands of any outage",
        ("alerts ack", "status check", "diagnose", "continuity start", "notify", "decide", "note"),
    ),
    "Gateway": (
        "the gateway's console: its queue, continuity events, permissions",
        (
            "status check", "continuity show", "continuity start", "continuity extend", "continuity end",
            "permissions show", "permissions set", "sms show", "signin break-glass", "signin cloud",
            "deliveries pause", "deliveries resume",
            "queue retry", "queue reject", "queue bounce", "queue extend",
        ),
    ),
    "Server": (
        "the mail server, its connectors, what guards it, the backup's side; in whose custody mail is",
        (
            "status check", "connector show", "connector set", "connector test", "readiness show",
            "lock open", "lock close", "lock test", "firewall open", "firewall close",
            "filter-rule skip", "filter-rule restore", "enhanced-filtering",
            "backup check", "backup set", "backup test",
        ),
    ),
    "DNS": (
        "the zone, what resolvers said, MTA-STS, what arrived where",
        (
            "mx set", "ttl set", "dns ask", "dns flush", "mta-sts policy", "mta-sts id", "mta-sts show",
            "arrivals show",
        ),
    ),
    "Outside": (
        "status pages as last looked at, probes, support cases",
        ("status check", "probe mx", "phone"),
    ),
    "Phone": (
        "calls and who is on hold, SMS and alert mail, alerts and their links",
        ("phone", "alerts ack", "continuity start"),
    ),
    "People": (
        "who is there, in what hours, what keeps them busy; approvals; the objectives if they are shown",
        ("handover", "approve"),
    ),
    "Tickets": (
        "the helpdesk: calls by the hour, what callers say, whether pilots can work",
        ("continuity test", "phone", "notify"),
    ),
    "Room": (
        "the incident room: words said and promises, approvals and decisions, the register of openings",
        ("notify", "approve", "decide", "diagnose", "openings show", "openings prove", "note"),
    ),
    "Log": ("everything that has reached you, the newest on top", ("note",)),
}  # fmt: skip
"""By name, in the order of the keys 1 … 9, 0: what is there, and commands by their words."""

PLACE_KEYS = tuple(zip("1234567890", PLACES, strict=True))
"""Key and place."""

_AT = {
    "status check gateway": "Gateway", "status check server": "Server", "status check": "Outside",
    "alerts ack": "Gateway", "continuity test": "Tickets", "continuity start": "Gateway",
    "phone": "Phone", "approve": "Room", "notify": "Room",
}  # fmt: skip
"""Where the result of a command is kept that is offered in several places; the longest beginning counts."""


def key_of(place: str) -> str:
    """The key that shows a place."""
    return next(key for key, name in PLACE_KEYS if name == place)


_BY_WHERE = {
    "gateway console": "Gateway", "continuity portal": "Gateway", "Exchange shell": "Server",
    "firewall console": "Server", "backup portal": "Server", "DNS host": "DNS", "status page": "Outside",
    "outside network": "Outside", "phone": "Phone", "incident room": "Room",
}  # fmt: skip
"""The place of commands that the lists above do not name, by where they are given."""


def home_of(text: str, kinds: Sequence[type[Command]] = ()) -> str:
    """The place where the result of the command `text` is kept; empty: of no command."""
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
    """The commands that are given at a place, in its order; none for an unknown place."""
    by_words = {" ".join(kind.words): kind for kind in kinds}
    _, offered = PLACES.get(place, ("", ()))
    named = [by_words[words] for words in offered if words in by_words]
    everywhere = {words for _, commands in PLACES.values() for words in commands}
    others = (kind for words, kind in by_words.items() if words not in everywhere)
    return [*named, *(kind for kind in others if _BY_WHERE[kind.facts.where] == place)]
