"""Senders' addresses: external organisations with a domain each, and the organisation's own users.

Administrators select mail by address, so addresses are part of a drill's history: they come from a fixed list
of words and from keyed draws. Subjects are only shown, never selected.
"""

import re

import numpy as np

from sim.drill.drill_state import DrillState
from sim.kernel.draws import I64, below, mix, mix_one
from sim.mail.message.traffic import INBOUND, REAL_MAIL, direction_of
from sim.mail.users.outbox import senders

_FIRST = (
    "alder", "amber", "ash", "beacon", "birch", "brook", "cedar", "clay", "copper", "crown", "elm", "fern",
    "flint", "glen", "grove", "hazel", "heron", "iron", "juniper", "lark", "linden", "maple", "north",
    "oak", "otter", "pine", "quarry", "raven", "silver", "stone", "thorn", "willow",
)  # fmt: skip
_SECOND = (
    "analytics", "bank", "books", "cargo", "clinic", "college", "design", "energy", "farms", "foods",
    "freight", "glass", "hotels", "insurance", "labs", "legal", "logistics", "media", "metals", "motors",
    "networks", "paper", "pharma", "port", "press", "rail", "retail", "shipping", "software", "tools",
    "travel", "works",
)  # fmt: skip
_STEMS = len(_FIRST) * len(_SECOND)
_STRIDE = 389
"""An odd step, so that neighbouring correspondents do not share a word and every name is used once."""
_BOXES = (
    "accounts", "bookings", "c.okafor", "d.lindqvist", "desk", "e.moretti", "f.novak", "h.ferrari",
    "info", "invoices", "j.keller", "k.osei", "l.fontaine", "m.haugen", "no-reply", "office", "orders",
    "p.silva", "r.banerjee", "s.dubois", "sales", "service", "t.nakata", "y.petrov",
)  # fmt: skip
_DOMAIN = re.compile(r"([a-z]+)-([a-z]+?)(\d*)\.example", re.ASCII)
_BACK = pow(_STRIDE, -1, _STEMS)


def domain_of(seed: int, correspondent: int) -> str:
    """The domain of an outside organisation; domains are unique."""
    round_, place = divmod(correspondent, _STEMS)
    stem = (place * _STRIDE + _shift(seed)) % _STEMS
    again = str(round_ + 1) if round_ else ""
    return f"{_FIRST[stem % len(_FIRST)]}-{_SECOND[stem // len(_FIRST)]}{again}.example"


def correspondent_of(seed: int, domain: str, count: int) -> int | None:
    """The organisation with that domain, out of `count`; None if there is none."""
    found = _DOMAIN.fullmatch(domain)
    if found is None or found[1] not in _FIRST or found[2] not in _SECOND:
        return None
    stem = _FIRST.index(found[1]) + len(_FIRST) * _SECOND.index(found[2])
    round_ = int(found[3][:9]) - 1 if found[3] else 0
    number = round_ * _STEMS + (stem - _shift(seed)) * _BACK % _STEMS
    return number if 0 <= number < count and domain_of(seed, number) == domain else None


def _shift(seed: int) -> int:
    return int(mix_one(seed, "domains outside")) % _STEMS


def boxes(seed: int, ids: I64) -> I64:
    """The author of each inbound message in the outside organisation, as an index into the list of names."""
    return below(mix(seed, "author outside", ids), len(_BOXES))


def box_named(name: str) -> int | None:
    """The index of a local part in that list; None if it is not in the list."""
    return _BOXES.index(name) if name in _BOXES else None


def from_addresses(drill: DrillState, ids: I64) -> list[str]:
    """The sender of each message, of any direction, as a console shows it."""
    seed, organisation = drill.seed, drill.scenario.organisation
    outside = np.flatnonzero((direction_of(ids) == INBOUND) & (ids < REAL_MAIL))
    own = senders(seed, ids, organisation.users).tolist()
    shown = [f"user{user:04d}@{organisation.domain}" for user in own]
    who = drill.world.inbound.who().of(ids[outside]).tolist()
    named = boxes(seed, ids[outside]).tolist()
    for place, correspondent, box in zip(outside.tolist(), who, named, strict=True):
        shown[place] = f"{_BOXES[box]}@{domain_of(seed, correspondent)}"
    for place in np.flatnonzero(ids >= REAL_MAIL).tolist():
        letter = drill.letters.of(int(ids[place]))
        shown[place] = (letter.envelope_from if letter is not None else "") or "<>"
    return shown
