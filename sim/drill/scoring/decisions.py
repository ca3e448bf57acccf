"""Judges decisions on the information available when they were taken, not on their results. Pure.

The numbers in the rules are the organisation's (`decision_rules`). Each command declares the decisions that
it makes.
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
"""Measures that keep inbound mail from expiring."""
KEEPING: frozenset[Matter] = DEEDS_THAT_KEEP | {"outbound pause", "outbound retention"}
"""Measures that keep inbound or outbound mail from expiring."""

PARTS = 1000
"""Unit of chances: thousandths."""


def outlasts_permille(known: RoomKnowledge, rules: DecisionRules) -> int:
    """Probability in ‰ that the oldest message reaches its limit before the recovery.

    The probability follows from the estimated time and from the assumed factors by which such estimates are
    exceeded. Without an estimate it follows from the length of the outage so far: the outage is as likely as
    not to last as long again (a Pareto tail with exponent 1).
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
    """The available time as a percentage of the estimated time, scaled so that the estimate's 90 % bound
    is one.
    """
    percent = 100 * room_ms // ahead_ms
    quantiles = rules.overrun_percent
    nine_in_ten = quantiles[9 * (len(quantiles) - 1) // 10]
    sure = 0 if known.sure_by_ms is None else 100 * (known.sure_by_ms - known.now_ms) // ahead_ms
    if percent <= 100 or sure <= 100:
        return percent
    return 100 + (percent - 100) * (nine_in_ten - 100) // (sure - 100)


def _share_below(quantiles: Sequence[int], value: int) -> int:
    """The part of a distribution below `value`, ‰; its quantiles are equally spaced from 0 to 100 %."""
    if value <= quantiles[0]:
        return 0
    for index, (low, high) in enumerate(pairwise(quantiles)):
        if value < high:
            return PARTS * ((value - low) + index * (high - low)) // ((high - low) * (len(quantiles) - 1))
    return PARTS


def _keep(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether mail must be kept from expiring."""
    if taken.review_in_ms is not None:
        return _put_off(known, rules, taken.review_in_ms)
    chance = outlasts_permille(known, rules)
    if known.oldest_ms is not None and known.oldest_ms >= rules.pause_from_ms and known.reported_ms is None:
        return "yes", f"the oldest message had waited for {_told(known.oldest_ms)}; no recovery was reported"
    named = known.back_by_ms is not None and known.back_by_ms > known.now_ms
    by = "from the estimate given" if named else "from the length of the outage so far"
    age = "nothing was queued"
    if known.oldest_ms is not None:
        age = f"the oldest message had waited for {_told(known.oldest_ms)}"
    limit = f"the chance of reaching the limit of {_told(known.retention_ms)}"
    why = f"{age}; {limit} was {chance / 10:.0f} % ({by})"
    return ("yes" if chance > 10 * rules.pause_beyond_percent else "no"), why


def _keep_outbound(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether outbound mail at the gateway must be kept from expiring."""
    outbound = replace(known, oldest_ms=known.outbound_oldest_ms, retention_ms=known.outbound_retention_ms)
    right, why = _keep(taken, outbound, rules)
    return right, f"in the outbound queue, {why}"


def _put_off(known: RoomKnowledge, rules: DecisionRules, review_in_ms: int) -> tuple[str, str]:
    """True if the review still leaves time to decide whether to keep mail."""
    if known.reported_ms is not None:
        return "no", "the recovery had been reported"
    age_ms = (known.oldest_ms or 0) + review_in_ms
    last_ms = known.retention_ms * rules.pause_by_percent // 100
    when = f"at the review in {_told(review_in_ms)}, the oldest message will be {_told(age_ms)} old"
    if age_ms > last_ms:
        return "yes", f"{when}, and a pause must be decided before {_told(last_ms)}"
    return "no", f"{when}, and mail does not bounce before {_told(known.retention_ms)}"


def _mx(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge a change of the MX; a change to the backup is right only after the backup has delivered a test
    message.
    """
    right, why = _away_from_the_gateway(known, rules)
    if taken.by_backup and not known.backup_delivers and taken.answer == right == "yes":
        return "first", "a test message through the backup had not reached a mailbox yet"
    return right, why


def _away_from_the_gateway(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge a change of the MX to other hosts."""
    if known.broken not in ("gateway", "dns", "network"):
        named = f"the diagnosis was {known.broken}" if known.broken else "no diagnosis had been stated"
        return "no", f"{named}: the MX points to the gateway, which accepts mail"
    if known.reported_ms is not None:
        return "no", "the recovery had been reported"
    if known.gateway_takes:
        return "no", (
            "one host of the gateway accepted and delivered mail, and senders fail over to it by themselves"
        )
    if known.doubt:
        return "no", f"the diagnosis was gateway, but {known.doubt}"
    limit_ms = rules.mx_ttls * known.ttl_ms + rules.mx_more_ms
    if known.delay_ms is not None and known.delay_ms < limit_ms:
        passes = f"mail passes through the gateway within {_told(known.delay_ms)}"
        return "no", f"{passes}; below {_told(limit_ms)} a change is hardly worthwhile"
    if known.back_by_ms is None or known.back_by_ms <= known.now_ms:
        return "yes", "there was no current estimate of the recovery time"
    if known.sign_ms is not None and known.now_ms >= known.sign_ms + rules.mx_after_ms:
        return "yes", f"the outage had lasted for {_told(known.now_ms - known.sign_ms)}"
    ahead = f"recovery was expected in {_told(known.back_by_ms - known.now_ms)}"
    if known.back_by_ms - known.now_ms > limit_ms:
        return "yes", f"{ahead}; above {_told(limit_ms)} a change is worthwhile"
    return "no", f"{ahead}; below {_told(limit_ms)} a change is hardly worthwhile"


def _outbound(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether outbound mail should bypass the gateway, by a route that was checked and works."""
    right, why = _round_the_gateway(known, rules)
    if taken.path and right in ("yes", "either"):
        return _by_that_path(taken.path, known) or (right, why)
    return right, why


def _by_that_path(path: str, known: RoomKnowledge) -> tuple[str, str] | None:
    """The right answer, with its reason, if the route was never checked or the check failed; None if the
    route works.
    """
    if path not in known.ways:
        return "first", f"no check had shown whether receivers accept mail that is sent {_way(path)}"
    against = "; ".join(known.ways[path])
    return ("no", f"mail that is sent {_way(path)} does not arrive: {against}") if against else None


def _way(path: str) -> str:
    return f"through the {path} gateway" if path == SECONDARY else "directly from the server"


def _round_the_gateway(known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether outbound mail should bypass the gateway, which can be undone and does not need DNS,
    and so is the first step.
    """
    if known.reported_ms is not None:
        return "no", "the recovery had been reported"
    if known.broken not in ("gateway", "dns", "network"):
        named = f"the diagnosis was {known.broken}" if known.broken else "no diagnosis had been stated"
        return "no", f"{named}: the gateway accepts outbound mail"
    if not known.outbound_waits and known.gateway_takes is not False:
        nothing = "there was no sign that the gateway was holding mail"
        if known.stale_ms is not None:
            nothing = f"the last probe of the gateway was {_told(known.now_ms - known.stale_ms)} old"
        return "no", f"no outbound mail was queued, and {nothing}"
    waits = f"outbound messages queued: {known.outbound_waits:,}"
    if not known.outbound_waits:
        waits = "a probe through the gateway had not returned"
    if known.back_by_ms is None or known.back_by_ms <= known.now_ms:
        return "yes", f"{waits}, and there was no current estimate of the recovery time"
    ahead_ms = known.back_by_ms - known.now_ms
    if ahead_ms <= rules.outbound_more_ms:
        within = f"recovery was expected in {_told(ahead_ms)}; below {_told(rules.outbound_more_ms)}"
        return "either", f"{waits}, {within} another route makes little difference"
    return "yes", f"{waits}, and recovery was expected in {_told(ahead_ms)}"


def _mx_back(_taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether to change the MX back to the gateway."""
    if known.reported_ms is None:
        return "no", "the recovery of the gateway had not been reported"
    quiet_ms = known.now_ms - known.reported_ms
    if quiet_ms < rules.stable_ms:
        return (
            "no",
            f"the recovery of the gateway was reported only {_told(quiet_ms)} earlier, which is too recent",
        )
    if known.probed_ms is None or known.probed_ms < known.reported_ms:
        return "no", "no probe through the gateway had returned since"
    return "yes", f"the gateway had been stable for {_told(quiet_ms)}, and a probe had returned"


def _outbound_back(taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether to route outbound mail back through the gateway: under the same conditions as the MX, or
    if the other route fails.
    """
    if known.way_out_fails:
        return "yes", "mail on the other route does not arrive"
    return _mx_back(taken, known, rules)


def _continuity(_taken: DecisionTaken, known: RoomKnowledge, _rules: DecisionRules) -> tuple[str, str]:
    """Judge whether a continuity event helps."""
    if known.reported_ms is not None:
        return "no", "the recovery of the mail server had been reported"
    if known.broken == "gateway":
        return "no", "the diagnosis was gateway, and continuity runs on the gateway"
    if known.sign_ms is None:
        return "no", "there was no sign of an outage"
    return "yes", "there was an outage, and no report of a recovery"


def _continuity_end(_taken: DecisionTaken, known: RoomKnowledge, rules: DecisionRules) -> tuple[str, str]:
    """Judge whether users can return from a continuity event to their mailboxes."""
    if known.reported_ms is None:
        return "no", "the recovery of the mail server had not been reported"
    if known.oldest_ms is not None and known.oldest_ms > rules.drained_below_ms:
        return "no", f"the gateway still had a message {_told(known.oldest_ms)} old"
    return "yes", "the recovery was reported, and the backlog was delivered"


Rule = Callable[[DecisionTaken, RoomKnowledge, DecisionRules], tuple[str, str]]
"""Returns the right answer, with its reason: `yes`, `no`, `either`, or `first` (something else must come
first).
"""

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
    """The judgement on a decision made by the command `text`, by the information `known` at that time."""
    right, why = RULES[taken.about](taken, known, rules)
    sound = right in (taken.answer, "either")
    review_ms = None if taken.review_in_ms is None else known.now_ms + taken.review_in_ms
    deed = not taken.written
    return Judged(known.now_ms, taken.about, taken.answer, text, deed, sound, why, review_ms)


def _told(span_ms: int) -> str:
    return in_words(span_ms, MINUTE_MS) if span_ms >= MINUTE_MS else "less than 1 min"
