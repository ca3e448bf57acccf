"""Judging decisions by what was known when they were taken, not by what came of them. Pure.

The rules are the house's (`decision_rules`). A decision without a rule is not judged.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar, Protocol

from sim.drill.organisation.decision_rules import DecisionRules
from sim.drill.room.decisions import Judged
from sim.drill.scoring.knowledge import RoomKnowledge
from sim.drill.services.mx_zone import ROUTES
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.mail.routes.connector import GATEWAY as CONNECTOR
from sim.mail.routes.connector import SECONDARY
from sim.mail.routes.inbound import BACKUP, GATEWAY

DECIDING = (
    ("decide",),
    ("deliveries", "pause"),
    ("queue", "extend"),
    ("mx", "set"),
    ("connector", "set"),
    ("continuity", "start"),
    ("continuity", "end"),
)
"""Words of the commands by which something is decided."""

DEEDS_THAT_KEEP = frozenset({"pause", "retention"})
"""What keeps inbound mail from expiring."""
KEEPING = DEEDS_THAT_KEEP | {f"outbound {deed}" for deed in DEEDS_THAT_KEEP}
"""The same, of the gateway's queue to the outside too."""

PARTS = 1000
"""Chances are reckoned in thousandths."""


class Given(Protocol):
    """A command, of which only its words and the values of its fields are asked for."""

    words: ClassVar[tuple[str, ...]]


def judge_command(command: Given, text: str, known: RoomKnowledge, rules: DecisionRules) -> Judged | None:
    """The judgement on a command that is a decision; None for others, and where there is no rule."""
    about, answer = _decides(command)
    rule = {
        "pause": _keep,
        "retention": _keep,
        "outbound pause": _keep_outbound,
        "outbound retention": _keep_outbound,
        "mx": _mx,
        "outbound": _outbound,
        "outbound back": _outbound_back,
        "mx back": _mx_back,
        "continuity": _continuity,
        "continuity end": _continuity_end,
    }.get(about)
    if rule is None:
        return None
    right, why = rule(known, rules)
    review_in_ms: int | None = getattr(command, "review_in_ms", None)
    if about == "pause" and review_in_ms is not None:
        right, why = _put_off(known, rules, review_in_ms)
    if about == "mx" and answer == "yes" and right == "yes" and _untried(command, known):
        right, why = "first", "a message straight to the backup had not been seen in a mailbox before"
    if about == "outbound" and answer == "yes" and right in ("yes", "either"):
        right, why = _by_that_way(command, known) or (right, why)
    deed = command.words != ("decide",)
    review_ms = None if review_in_ms is None else known.now_ms + review_in_ms
    return Judged(known.now_ms, about, answer, text, deed, right in (answer, "either"), why, review_ms)


def outlasts_permille(known: RoomKnowledge, rules: DecisionRules) -> int:
    """How likely the oldest message reaches its limit before the return, in ‰.

    By the time that was named and how far such times are overrun (assumed); without one, by the time that it
    has lasted: as long again is as likely as not (a Pareto tail with exponent 1).
    """
    if known.oldest_ms is None or known.reported_ms is not None:
        return 0
    room_ms = max(known.retention_ms - known.oldest_ms, 0)
    ahead_ms = 0 if known.back_by_ms is None else known.back_by_ms - known.now_ms
    if ahead_ms > 0:
        return PARTS - _share_below(rules.overrun_percent, _of_estimate(known, rules, room_ms, ahead_ms))
    lasted_ms = known.now_ms - (known.now_ms if known.sign_ms is None else known.sign_ms)
    return PARTS * lasted_ms // max(lasted_ms + room_ms, 1)


def _of_estimate(known: RoomKnowledge, rules: DecisionRules, room_ms: int, ahead_ms: int) -> int:
    """The room in percent of the time that was named; stretched so that a bound for nine in ten is one."""
    percent = 100 * room_ms // ahead_ms
    quantiles = rules.overrun_percent
    nine_in_ten = quantiles[9 * (len(quantiles) - 1) // 10]
    sure = 0 if known.sure_by_ms is None else 100 * (known.sure_by_ms - known.now_ms) // ahead_ms
    if percent <= 100 or sure <= 100:
        return percent
    return 100 + (percent - 100) * (nine_in_ten - 100) // (sure - 100)


def _share_below(quantiles: Sequence[int], value: int) -> int:
    """‰ of a distribution that lie below `value`; its quantiles stand at equal steps from 0 to 100 %."""
    if value <= quantiles[0]:
        return 0
    for index, (low, high) in enumerate(pairwise(quantiles)):
        if value < high:
            return PARTS * ((value - low) + index * (high - low)) // ((high - low) * (len(quantiles) - 1))
    return PARTS


def _decides(command: Given) -> tuple[str, str]:
    """(about, answer) of a command; empty if it decides nothing."""
    match command.words:
        case ("decide",):
            return str(getattr(command, "about", "")), str(getattr(command, "answer", ""))
        case ("deliveries", "pause") | ("queue", "extend"):
            deed = "pause" if command.words[0] == "deliveries" else "retention"
            return (f"outbound {deed}" if getattr(command, "side", "inbound") == "outbound" else deed), "yes"
        case ("mx", "set"):
            back = ROUTES[_host(command)] == GATEWAY
            return ("mx back" if back else "mx"), "yes"
        case ("connector", "set"):
            back = getattr(command, "path", "") == CONNECTOR
            return ("outbound back" if back else "outbound"), "yes"
        case ("continuity", "start"):
            return "continuity", "yes"
        case ("continuity", "end"):
            return "continuity end", "yes"
        case _:
            return "", ""


def _host(command: Given) -> str:
    return str(getattr(command, "host", ""))


def _untried(command: Given, known: RoomKnowledge) -> bool:
    """Whether an MX is led to a backup that nobody has seen deliver."""
    return command.words == ("mx", "set") and BACKUP in ROUTES[_host(command)] and not known.backup_delivers


def _by_that_way(command: Given, known: RoomKnowledge) -> tuple[str, str] | None:
    """What is right instead, and why, if mail is led by a way that was looked up and fails, or by one that
    nobody has looked up.
    """
    if command.words != ("connector", "set"):
        return None
    path = str(getattr(command, "path", ""))
    if path not in known.ways:
        return "first", f"nobody had looked up what receivers make of mail that comes {_way(path)}"
    against = "; ".join(known.ways[path])
    return ("no", f"mail that leaves {_way(path)} does not arrive: {against}") if against else None


def _way(path: str) -> str:
    return f"by the {path} gateway" if path == SECONDARY else "straight from the server"


def _keep(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether mail has to be kept from expiring."""
    chance = outlasts_permille(known, rules)
    if known.oldest_ms is not None and known.oldest_ms >= rules.pause_from_ms and known.reported_ms is None:
        return "yes", f"the oldest waits for {_told(known.oldest_ms)}, and nobody had reported it back"
    named = known.back_by_ms is not None and known.back_by_ms > known.now_ms
    by = "by the time that was named" if named else "by how long it had lasted"
    age = "nothing waits" if known.oldest_ms is None else f"the oldest waits for {_told(known.oldest_ms)}"
    why = f"{age}; that it reaches {_told(known.retention_ms)} is {chance / 10:.0f} % likely {by}"
    return ("yes" if chance > 10 * rules.pause_beyond_percent else "no"), why


def _keep_outbound(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """The same of what the gateway has for the outside."""
    outbound = replace(known, oldest_ms=known.outbound_oldest_ms, retention_ms=known.outbound_retention_ms)
    right, why = _keep(outbound, rules)
    return right, f"in the outbound queue {why}"


def _put_off(known: RoomKnowledge, rules: DecisionRules, review_in_ms: int) -> tuple[str, str]:
    """Whether keeping mail can still be decided when somebody looks again."""
    if known.reported_ms is not None:
        return "no", "it had been reported back"
    age_ms = (known.oldest_ms or 0) + review_in_ms
    last_ms = known.retention_ms * rules.pause_by_percent // 100
    when = f"at the review in {_told(review_in_ms)} the oldest waits for {_told(age_ms)}"
    if age_ms > last_ms:
        return "yes", f"{when}, and a pause is to be decided before {_told(last_ms)}"
    return "no", f"{when}, and nothing is returned before {_told(known.retention_ms)}"


def _mx(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead the MX elsewhere."""
    if known.broken not in ("gateway", "dns", "network"):
        named = (
            f"{known.broken} was stated to be broken" if known.broken else "nobody had stated what is broken"
        )
        return "no", f"{named}: the MX leads to the gateway, and that takes mail"
    if known.reported_ms is not None:
        return "no", "it had been reported back"
    if known.gateway_takes:
        return "no", "a host of the gateway took mail and delivered it; senders go there by themselves"
    if known.doubt:
        return "no", f"the gateway was stated to be broken, but {known.doubt}"
    limit_ms = rules.mx_ttls * known.ttl_ms + rules.mx_more_ms
    if known.delay_ms is not None and known.delay_ms < limit_ms:
        passes = f"what the gateway takes passes within {_told(known.delay_ms)}"
        return "no", f"{passes}, sooner than the {_told(limit_ms)} within which a change hardly pays"
    if known.back_by_ms is None or known.back_by_ms <= known.now_ms:
        return "yes", "nobody names a time that is still to come"
    if known.sign_ms is not None and known.now_ms >= known.sign_ms + rules.mx_after_ms:
        return "yes", f"it had lasted for {_told(known.now_ms - known.sign_ms)}"
    ahead = f"it is to be back in {_told(known.back_by_ms - known.now_ms)}"
    if known.back_by_ms - known.now_ms > limit_ms:
        return "yes", f"{ahead}, later than the {_told(limit_ms)} within which a change hardly pays"
    return "no", f"{ahead}, within the {_told(limit_ms)} in which a change hardly pays"


def _outbound(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to send outbound mail round the gateway: it is reversible, needs no DNS, and comes first."""
    if known.reported_ms is not None:
        return "no", "it had been reported back"
    if known.broken not in ("gateway", "dns", "network"):
        named = (
            f"{known.broken} was stated to be broken" if known.broken else "nobody had stated what is broken"
        )
        return "no", f"{named}: the gateway takes outbound mail"
    if not known.outbound_waits and known.gateway_takes is not False:
        nothing = "nothing told that what the gateway takes stays there"
        if known.stale_ms is not None:
            nothing = f"the last probe of the gateway was {_told(known.now_ms - known.stale_ms)} old"
        return "no", f"nothing waits for the outside, and {nothing}"
    waits = f"{known.outbound_waits:,} messages wait for the outside"
    if not known.outbound_waits:
        waits = "a probe of the gateway had not come back"
    if known.back_by_ms is None or known.back_by_ms <= known.now_ms:
        return "yes", f"{waits}, and nobody names a time that is still to come"
    ahead_ms = known.back_by_ms - known.now_ms
    if ahead_ms <= rules.outbound_more_ms:
        within = f"it is to be back in {_told(ahead_ms)}, within the {_told(rules.outbound_more_ms)}"
        return "either", f"{waits}; {within} in which it makes little difference"
    return "yes", f"{waits}, and it is to be back in {_told(ahead_ms)}"


def _mx_back(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead it back to the gateway."""
    if known.reported_ms is None:
        return "no", "nobody had reported the gateway back"
    quiet_ms = known.now_ms - known.reported_ms
    if quiet_ms < rules.stable_ms:
        return "no", f"it had been reported back {_told(quiet_ms)} before, and is to be stable for longer"
    if known.probed_ms is None or known.probed_ms < known.reported_ms:
        return "no", "no probe had come back from it since"
    return "yes", f"it had been stable for {_told(quiet_ms)}, and a probe came back"


def _outbound_back(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead what goes out back to the gateway: like the MX, or since the other way loses it."""
    if known.way_out_fails:
        return "yes", "mail that leaves by the way that it led does not arrive"
    return _mx_back(known, rules)


def _continuity(known: RoomKnowledge, _rules: DecisionRules) -> tuple[str, str]:
    """Whether an event helps."""
    if known.reported_ms is not None:
        return "no", "the mail server had been reported back"
    if known.broken == "gateway":
        return "no", "the gateway was stated to be broken, and continuity lives in it"
    if known.sign_ms is None:
        return "no", "nothing had told of an outage"
    return "yes", "something was broken, and nobody had reported it back"


def _continuity_end(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether people can go back."""
    if known.reported_ms is None:
        return "no", "nobody had reported the mail server back"
    if known.oldest_ms is not None and known.oldest_ms > rules.drained_below_ms:
        return "no", f"mail that waits for {_told(known.oldest_ms)} was still at the gateway"
    return "yes", "it was reported back, and the backlog was delivered"


def _told(span_ms: int) -> str:
    return format_duration(span_ms // MINUTE_MS * MINUTE_MS) if span_ms >= MINUTE_MS else "less than 1m"
