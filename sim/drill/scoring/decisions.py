"""Judging decisions by what was known when they were taken, not by what came of them. Pure.

The numbers in the rules are the organisation's (`decision_rules`). Commands say themselves what they decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from sim.drill.organisation.decision_rules import DecisionRules
from sim.drill.room.decisions import DecisionTaken, Judged, Matter
from sim.drill.scoring.knowledge import RoomKnowledge
from sim.kernel.duration import MINUTE_MS, in_words
from sim.mail.routes.connector import SECONDARY

DEEDS_THAT_KEEP: frozenset[Matter] = frozenset({"pause", "retention"})
"""Decisions that keep inbound mail from expiring."""
KEEPING: frozenset[Matter] = DEEDS_THAT_KEEP | {"outbound pause", "outbound retention"}
"""Decisions that keep mail from expiring, in either direction."""

PARTS = 1000
"""Chances are in thousandths."""


def outlasts_permille(known: RoomKnowledge, rules: DecisionRules) -> int:
    """The chance that the oldest message reaches its limit before the recovery, in ‰.

    From the last time of recovery that was named, and the usual overrun of such times (assumed). Without one,
    from the duration so far: it is as likely as not to double (a Pareto tail with exponent 1).
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
    """The room in percent of the time that was named; stretched to make a named bound the 90 % quantile."""
    percent = 100 * room_ms // ahead_ms
    quantiles = rules.overrun_percent
    nine_in_ten = quantiles[9 * (len(quantiles) - 1) // 10]
    sure = 0 if known.sure_by_ms is None else 100 * (known.sure_by_ms - known.now_ms) // ahead_ms
    if percent <= 100 or sure <= 100:
        return percent
    return 100 + (percent - 100) * (nine_in_ten - 100) // (sure - 100)


def _share_below(quantiles: Sequence[int], value: int) -> int:
    """The share of a distribution below `value`, in ‰; its quantiles are at equal steps from 0 to 100 %."""
    if value <= quantiles[0]:
        return 0
    for index, (low, high) in enumerate(pairwise(quantiles)):
        if value < high:
            return PARTS * ((value - low) + index * (high - low)) // ((high - low) * (len(quantiles) - 1))
    return PARTS


def _keep(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Keep inbound mail from expiring?"""
    if taken.review_in_ms is not None:
        return _put_off(known, rules, taken.review_in_ms)
    chance = outlasts_permille(known, rules)
    if known.oldest_ms is not None and known.oldest_ms >= rules.pause_from_ms and known.reported_ms is None:
        return (
            "yes",
            f"the oldest message had been queued for {_told(known.oldest_ms)}, and no recovery was reported",
        )
    named = known.back_by_ms is not None and known.back_by_ms > known.now_ms
    by = "by the time that was named" if named else "by its duration so far"
    age = "no mail was queued"
    if known.oldest_ms is not None:
        age = f"the oldest message had been queued for {_told(known.oldest_ms)}"
    why = f"{age}; the chance of reaching {_told(known.retention_ms)} was {chance / 10:.0f} % {by}"
    return ("yes" if chance > 10 * rules.pause_beyond_percent else "no"), why


def _keep_outbound(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Keep outbound mail from expiring?"""
    outbound = replace(known, oldest_ms=known.outbound_oldest_ms, retention_ms=known.outbound_retention_ms)
    right, why = _keep(taken, outbound, rules)
    return right, f"in the outbound queue {why}"


def _put_off(known: RoomKnowledge, rules: DecisionRules, review_in_ms: int) -> tuple[str, str]:
    """Keep mail from expiring now, or is there time until the review?"""
    if known.reported_ms is not None:
        return "no", "recovery had been reported"
    age_ms = (known.oldest_ms or 0) + review_in_ms
    last_ms = known.retention_ms * rules.pause_by_percent // 100
    when = f"at the review in {_told(review_in_ms)} the oldest message has been queued for {_told(age_ms)}"
    if age_ms > last_ms:
        return "yes", f"{when}, and a pause must be decided before {_told(last_ms)}"
    return "no", f"{when}, and no message bounces before {_told(known.retention_ms)}"


def _mx(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Change the MX to other hosts? To the backup only after it has been seen to deliver."""
    right, why = _away_from_the_gateway(known, rules)
    if taken.by_backup and not known.backup_delivers and taken.answer == right == "yes":
        return "first", "no test message straight to the backup had been seen in a mailbox before"
    return right, why


def _away_from_the_gateway(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Change the MX to other hosts, whichever they are?"""
    if known.broken not in ("gateway", "dns", "network"):
        named = f"the stated diagnosis was {known.broken}" if known.broken else "no diagnosis had been stated"
        return "no", f"{named}: the MX leads to the gateway, and that accepts mail"
    if known.reported_ms is not None:
        return "no", "recovery had been reported"
    if known.gateway_takes:
        return "no", "a host of the gateway accepted and delivered mail; senders find it by themselves"
    if known.doubt:
        return "no", f"the stated diagnosis was gateway, but {known.doubt}"
    limit_ms = rules.mx_ttls * known.ttl_ms + rules.mx_more_ms
    if known.delay_ms is not None and known.delay_ms < limit_ms:
        passes = f"mail passes the gateway within {_told(known.delay_ms)}"
        return "no", f"{passes}, sooner than the {_told(limit_ms)} below which a change hardly pays"
    if known.back_by_ms is None or known.back_by_ms <= known.now_ms:
        return "yes", "no time of recovery still to come had been named"
    if known.sign_ms is not None and known.now_ms >= known.sign_ms + rules.mx_after_ms:
        return "yes", f"it had lasted for {_told(known.now_ms - known.sign_ms)}"
    ahead = f"recovery was expected in {_told(known.back_by_ms - known.now_ms)}"
    if known.back_by_ms - known.now_ms > limit_ms:
        return "yes", f"{ahead}, later than the {_told(limit_ms)} below which a change hardly pays"
    return "no", f"{ahead}, within the {_told(limit_ms)} below which a change hardly pays"


def _outbound(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Send outbound mail past the gateway, by a route that was checked and works?"""
    right, why = _round_the_gateway(known, rules)
    if taken.path and right in ("yes", "either"):
        return _by_that_path(taken.path, known) or (right, why)
    return right, why


def _by_that_path(path: str, known: RoomKnowledge) -> tuple[str, str] | None:
    """The right answer and why, if the route was not checked, or fails; None if it works."""
    if path not in known.ways:
        return "first", f"it had not been checked whether receivers accept mail {_way(path)}"
    against = "; ".join(known.ways[path])
    return ("no", f"mail {_way(path)} does not arrive: {against}") if against else None


def _way(path: str) -> str:
    return f"through the {path} gateway" if path == SECONDARY else "straight from the server"


def _round_the_gateway(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Send outbound mail past the gateway? It is reversible, needs no DNS, and comes first."""
    if known.reported_ms is not None:
        return "no", "recovery had been reported"
    if known.broken not in ("gateway", "dns", "network"):
        named = f"the stated diagnosis was {known.broken}" if known.broken else "no diagnosis had been stated"
        return "no", f"{named}: the gateway accepts outbound mail"
    if not known.outbound_waits and known.gateway_takes is not False:
        nothing = "there was no sign that the gateway held mail"
        if known.stale_ms is not None:
            nothing = f"the last probe of the gateway was {_told(known.now_ms - known.stale_ms)} old"
        return "no", f"no outbound mail was queued, and {nothing}"
    waits = f"{known.outbound_waits:,} outbound messages were queued"
    if not known.outbound_waits:
        waits = "a probe of the gateway had not come back"
    if known.back_by_ms is None or known.back_by_ms <= known.now_ms:
        return "yes", f"{waits}, and no time of recovery still to come had been named"
    ahead_ms = known.back_by_ms - known.now_ms
    if ahead_ms <= rules.outbound_more_ms:
        within = f"recovery was expected in {_told(ahead_ms)}, within the {_told(rules.outbound_more_ms)}"
        return "either", f"{waits}; {within} in which it makes little difference"
    return "yes", f"{waits}, and recovery was expected in {_told(ahead_ms)}"


def _mx_back(_taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Move the MX back to the gateway?"""
    if known.reported_ms is None:
        return "no", "the gateway had not been reported back"
    quiet_ms = known.now_ms - known.reported_ms
    if quiet_ms < rules.stable_ms:
        return (
            "no",
            f"it had been reported back only {_told(quiet_ms)} before; it must be stable for "
            f"{_told(rules.stable_ms)}",
        )
    if known.probed_ms is None or known.probed_ms < known.reported_ms:
        return "no", "no probe had come back from it since then"
    return "yes", f"it had been stable for {_told(quiet_ms)}, and a probe had come back"


def _outbound_back(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Move outbound mail back to the gateway? As for the MX, or at once if the other route loses mail."""
    if known.way_out_fails:
        return "yes", "mail by the route in use does not arrive"
    return _mx_back(taken, known, rules)


def _continuity(_taken: DecisionTaken, known: RoomKnowledge, _rules: DecisionRules) -> tuple[str, str]:
    """Start a continuity event?"""
    if known.reported_ms is not None:
        return "no", "the mail server had been reported back"
    if known.broken == "gateway":
        return "no", "the stated diagnosis was gateway, and continuity is part of the gateway"
    if known.sign_ms is None:
        return "no", "there was no sign of an outage"
    return "yes", "there was an outage, and no recovery had been reported"


def _continuity_end(_taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """End the continuity event?"""
    if known.reported_ms is None:
        return "no", "the mail server had not been reported back"
    if known.oldest_ms is not None and known.oldest_ms > rules.drained_below_ms:
        return "no", f"mail queued for {_told(known.oldest_ms)} was still at the gateway"
    return "yes", "it had been reported back, and the backlog was delivered"


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
    return in_words(span_ms, MINUTE_MS) if span_ms >= MINUTE_MS else "less than 1 min"
