"""Judging decisions by what was known when they were taken, not by what came of them. Pure.

The numbers in the rules are the organisation's (`decision_rules`). Commands say themselves what they decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from sim.drill.organisation.decision_rules import DecisionRules
from sim.drill.room.decisions import DecisionTaken, Judged, Matter
from sim.drill.scoring.knowledge import RoomKnowledge
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.mail.routes.connector import SECONDARY

DEEDS_THAT_KEEP: frozenset[Matter] = frozenset({"pause", "retention"})
"""What keeps inbound mail from expiring."""
KEEPING: frozenset[Matter] = DEEDS_THAT_KEEP | {"outbound pause", "outbound retention"}
"""The same, of the gateway's queue to the outside too."""

PARTS = 1000
"""Chances are reckoned in thousandths."""


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


def _keep(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether mail has to be kept from expiring."""
    if taken.review_in_ms is not None:
        return _put_off(known, rules, taken.review_in_ms)
    chance = outlasts_permille(known, rules)
    if known.oldest_ms is not None and known.oldest_ms >= rules.pause_from_ms and known.reported_ms is None:
        return "yes", f"the oldest waits for {_told(known.oldest_ms)}, and nobody had reported it back"
    named = known.back_by_ms is not None and known.back_by_ms > known.now_ms
    by = "by the time that was named" if named else "by how long it had lasted"
    age = "nothing waits" if known.oldest_ms is None else f"the oldest waits for {_told(known.oldest_ms)}"
    why = f"{age}; that it reaches {_told(known.retention_ms)} is {chance / 10:.0f} % likely {by}"
    return ("yes" if chance > 10 * rules.pause_beyond_percent else "no"), why


def _keep_outbound(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """The same of what the gateway has for the outside."""
    outbound = replace(known, oldest_ms=known.outbound_oldest_ms, retention_ms=known.outbound_retention_ms)
    right, why = _keep(taken, outbound, rules)
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


def _mx(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead the MX elsewhere; to the backup only after it has been seen to deliver."""
    right, why = _away_from_the_gateway(known, rules)
    if taken.by_backup and not known.backup_delivers and taken.answer == right == "yes":
        return "first", "a message straight to the backup had not been seen in a mailbox before"
    return right, why


def _away_from_the_gateway(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead the MX elsewhere, to whatever host."""
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


def _outbound(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to send outbound mail round the gateway, by a path that was looked up and works."""
    right, why = _round_the_gateway(known, rules)
    if taken.path and right in ("yes", "either"):
        return _by_that_path(taken.path, known) or (right, why)
    return right, why


def _by_that_path(path: str, known: RoomKnowledge) -> tuple[str, str] | None:
    """What is right instead, and why, if a path was not looked up, or was and fails; None if it works."""
    if path not in known.ways:
        return "first", f"nobody had looked up what receivers make of mail that comes {_way(path)}"
    against = "; ".join(known.ways[path])
    return ("no", f"mail that leaves {_way(path)} does not arrive: {against}") if against else None


def _way(path: str) -> str:
    return f"by the {path} gateway" if path == SECONDARY else "straight from the server"


def _round_the_gateway(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
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


def _mx_back(_taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead it back to the gateway."""
    if known.reported_ms is None:
        return "no", "nobody had reported the gateway back"
    quiet_ms = known.now_ms - known.reported_ms
    if quiet_ms < rules.stable_ms:
        return "no", f"it had been reported back {_told(quiet_ms)} before, and is to be stable for longer"
    if known.probed_ms is None or known.probed_ms < known.reported_ms:
        return "no", "no probe had come back from it since"
    return "yes", f"it had been stable for {_told(quiet_ms)}, and a probe came back"


def _outbound_back(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether to lead what goes out back to the gateway: like the MX, or since the other way loses it."""
    if known.way_out_fails:
        return "yes", "mail that leaves by the way that it led does not arrive"
    return _mx_back(taken, known, rules)


def _continuity(_taken: DecisionTaken, known: RoomKnowledge, _rules: DecisionRules) -> tuple[str, str]:
    """Whether an event helps."""
    if known.reported_ms is not None:
        return "no", "the mail server had been reported back"
    if known.broken == "gateway":
        return "no", "the gateway was stated to be broken, and continuity lives in it"
    if known.sign_ms is None:
        return "no", "nothing had told of an outage"
    return "yes", "something was broken, and nobody had reported it back"


def _continuity_end(_taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Whether people can go back."""
    if known.reported_ms is None:
        return "no", "nobody had reported the mail server back"
    if known.oldest_ms is not None and known.oldest_ms > rules.drained_below_ms:
        return "no", f"mail that waits for {_told(known.oldest_ms)} was still at the gateway"
    return "yes", "it was reported back, and the backlog was delivered"


Rule = Callable[[DecisionTaken, RoomKnowledge, DecisionRules], tuple[str, str]]
"""Gives the right answer (`yes`, `no`, `either`, or `first`: something else comes first) and why."""

RULES: dict[Matter, Rule] = {
    "pause": _keep,
    "retention": _keep,
    "outbound pause": _keep_outbound,
    "outbound retention": _keep_outbound,
    "mx": _mx,
    "mx back": _mx_back,
    "outbound": _outbound,
    "outbound back": _outbound_back,
    "continuity": _continuity,
    "continuity end": _continuity_end,
}


def judge(taken: DecisionTaken, text: str, known: RoomKnowledge, rules: DecisionRules) -> Judged:
    """The judgement on a decision taken by the command `text`, by what was `known` when it was given."""
    right, why = RULES[taken.about](taken, known, rules)
    sound = right in (taken.answer, "either")
    review_ms = None if taken.review_in_ms is None else known.now_ms + taken.review_in_ms
    deed = not taken.written
    return Judged(known.now_ms, taken.about, taken.answer, text, deed, sound, why, review_ms)


def _told(span_ms: int) -> str:
    return format_duration(span_ms // MINUTE_MS * MINUTE_MS) if span_ms >= MINUTE_MS else "less than 1m"
