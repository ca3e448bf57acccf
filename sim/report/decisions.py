"""Each decision twice: by what was known when it was taken, and by what came of it.

The first is a score, the second may be luck. What came of it is told by the truth, after the drill.
"""

from dataclasses import dataclass

from sim.drill.room.diagnosis import component_of
from sim.drill.scenario.fault import directions_hit
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.decisions import Judged
from sim.drill.scoring.missed_decisions import Omission, omissions
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.kernel.plural import counted as number_of
from sim.mail.accounts.return_times import Who
from sim.mail.message.traffic import INBOUND, OUTBOUND
from sim.mail.platforms.platform import load_platform
from sim.mail.routes.connector import GATEWAY as CONNECTOR

PAYS_MS = 30 * MINUTE_MS
"""An event that is needed for so long has paid for itself (house rule)."""
LITTLE_PERMILLE = 5
"""If senders give up no more than this, leaving the MX alone has turned out well; and changing it, if no more
is refused of what comes by the new way (house rule).
"""


@dataclass(frozen=True, slots=True)
class TurnedOut:
    """What came of a decision; `well` is None where the drill ended before anybody could say."""

    well: bool | None
    text: str


def decision_findings(session: Session) -> list[str]:
    """A sentence for each decision that a rule judges; the same one taken again is told once."""
    told = []
    for one in counted(judged_by_now(session.drill)):
        came = turned_out(session, one)
        right = "Rightly" if one.sound else "Wrongly"
        when = session.drill.clock(one.t_ms)
        told.append(
            f"{right} decided on what was known, {_luck(one, came)}: {one.about} {one.answer} on {when}. "
            f"Known: {one.why}. What came: {came.text}."
        )
    return told


def _luck(one: Judged, came: TurnedOut) -> str:
    if came.well is None:
        return "and what comes of it nobody can say yet"
    joined = "and it" if one.sound == came.well else "but it"
    return f"{joined} turned out {'well' if came.well else 'ill'}"


def decision_rows(session: Session) -> list[dict[str, object]]:
    """Every judged decision for `run --json`, and whether it counts or only says again what was decided."""
    rows: list[dict[str, object]] = []
    judged = judged_by_now(session.drill)
    first = {id(one) for one in counted(judged)}
    for one in judged:
        came = turned_out(session, one)
        rows.append(
            {
                "at_s": one.t_ms / 1000,
                "about": one.about,
                "answer": one.answer,
                "command": one.text,
                "sound": one.sound,
                "counted": id(one) in first,
                "known": one.why,
                "turned_out_well": came.well,
                "came": came.text,
            }
        )
    return rows


def turned_out(session: Session, one: Judged) -> TurnedOut:
    """What came of `one` by now."""
    if session.now_ms <= session.scenario.outage_start_ms:
        return TurnedOut(one.answer == "no", "nothing had broken yet when the drill was ended")
    came = _came(session, one)
    if _is_over(session) or _stands(one, came):
        return came
    return TurnedOut(None, came.text)


def _is_over(session: Session) -> bool:
    return session.complete or session.now_ms >= session.scenario.outage_end_ms


def _stands(one: Judged, came: TurnedOut) -> bool:
    """Whether more of the same outage cannot turn it: what has paid has paid, what is lost is lost."""
    if one.about in ("continuity", "outbound"):
        return came.well == (one.answer == "yes")
    return came.well is False and not (one.answer == "yes" and one.about in _KEEPS)


_KEEPS = ("pause", "retention", "outbound pause", "outbound retention")


def _came(session: Session, one: Judged) -> TurnedOut:
    """The same, as if the end of the drill were the end of the outage."""
    match one.about:
        case "mx":
            return _mx(session, one)
        case "pause" | "retention":
            return _kept(session, one)
        case "outbound pause" | "outbound retention":
            return _kept_outbound(session)
        case "outbound":
            return _outbound(session, one)
        case "continuity":
            return _continuity(session, one)
        case "continuity end" if one.answer == "yes":
            return _ended(session, one)
        case "mx back" if one.answer == "yes":
            return _mx_back(session, one)
        case _:
            lasted_ms = _lasted_ms(session, one.t_ms)
            text = f"the outage went on for {_told(lasted_ms)}" if lasted_ms else "the outage was over"
            return TurnedOut(not lasted_ms, text)


def _mx(session: Session, one: Judged) -> TurnedOut:
    """A change pays if mail comes by it before the return, hardly any is refused, and less is put aside than
    gets to mailboxes: what is refused would have waited with its senders.
    """
    drill, lasted_ms = session.drill, _lasted_ms(session, one.t_ms)
    back = f"the outage went on for {_told(lasted_ms)}" if lasted_ms else "the outage was over"
    if not _is_over(session):
        back = "the outage is not over"
    book = drill.world.custody()["inbound"]
    if one.answer == "no":
        gone = book.get("bounced", 0) - int(drill.world.ledger.expired[INBOUND])
        little = 1000 * gone <= LITTLE_PERMILLE * drill.world.generated()[INBOUND]
        return TurnedOut(little, f"{back}; senders gave up {gone:,} messages in all")
    came = _came_round(session, one.t_ms, min(drill.now_ms, session.scenario.outage_end_ms))
    led_ms = [led.until_ms for led in drill.dns.led(drill.now_ms) if led.until_ms and led.until_ms > one.t_ms]
    refused, aside = _refused(session, one.t_ms, min(led_ms, default=drill.now_ms)), book.get("junked", 0)
    text = f"{back}; {came:,} messages had come by another way before, {refused:,} were refused for good"
    text += f", {aside:,} put aside" if aside else ""
    if not (came or refused or _is_over(session)):
        return TurnedOut(None, text)
    return TurnedOut(1000 * refused <= LITTLE_PERMILLE * came and came > 2 * aside, text)


def _mx_back(session: Session, one: Judged) -> TurnedOut:
    """The way back is well if nothing goes on, and hardly any is refused of those who still come round."""
    lasted_ms, now_ms = _lasted_ms(session, one.t_ms), session.now_ms
    text = f"the outage went on for {_told(lasted_ms)}" if lasted_ms else "the outage was over"
    refused, came = _refused(session, one.t_ms, now_ms), _came_round(session, 0, now_ms)
    text += f"; of those who still came by another way {refused:,} were refused for good" if refused else ""
    return TurnedOut(not lasted_ms and 1000 * refused <= LITTLE_PERMILLE * came, text)


def _came_round(session: Session, a_ms: int, b_ms: int) -> int:
    """Messages that the backup or the server took from their senders in [a, b)."""
    world = session.drill.world
    return world.relay.entered.between(a_ms, b_ms) + world.inbound.direct.between(a_ms, b_ms)


def _refused(session: Session, a_ms: int, b_ms: int) -> int:
    """Messages from outside that were refused for good in [a, b), to their senders or to the backup."""
    returns = session.drill.world.ledger.returns
    whose: tuple[Who, ...] = ("senders were refused", "backup refused")
    return returns.since(a_ms, *whose) - returns.since(b_ms, *whose)


def _continuity(session: Session, one: Judged) -> TurnedOut:
    """An event pays if its apps worked, and it was needed and in force for a while; none is well if not."""
    lasted_ms = _lasted_ms(session, one.t_ms)
    helped = not any(start <= one.t_ms < end for start, end in _apart(session))
    what = "it was needed"
    if not session.drill.world.users.without():
        what = "nobody was without a mailbox; what waited could be read in it"
    span = f"for {_told(lasted_ms)} more{_at_least(session)}"
    text = f"{what} {span}" if lasted_ms else "the outage was over"
    needed = helped and lasted_ms >= PAYS_MS
    if not needed or one.answer == "no":
        return TurnedOut(
            needed == (one.answer == "yes"), text if helped else "the gateway's apps reached nothing"
        )
    covered_ms = _covered_ms(session, one.t_ms)
    enough = covered_ms >= PAYS_MS
    return TurnedOut(enough, text if enough else f"{text}, and in force for {_told(covered_ms)} of that")


def _covered_ms(session: Session, from_ms: int) -> int:
    """For how long from then on some event was in force while the outage went on."""
    covered_ms, until_ms = 0, from_ms
    for event in sorted(session.drill.world.users.events, key=lambda event: event.start_ms):
        start_ms = max(event.start_ms, until_ms, session.scenario.outage_start_ms)
        end_ms = min(event.end_ms, session.scenario.outage_end_ms)
        end_ms = end_ms if _is_over(session) else min(end_ms, session.now_ms)
        covered_ms += max(0, end_ms - start_ms)
        until_ms = max(until_ms, end_ms)
    return covered_ms


def _ended(session: Session, one: Judged) -> TurnedOut:
    """The end of an event is well if nothing goes on, and what waited then is in mailboxes soon after.

    What waited is counted by what leaves the gateway's queue from then on: no more than there was, and
    exactly if that works it off in the order in which it came.
    """
    queue, lasted_ms = session.drill.world.queue, _lasted_ms(session, one.t_ms)
    soon_ms = session.scenario.organisation.decision_rules.drained_below_ms
    came = queue.entered.before(one.t_ms)
    waits = [
        came - queue.left.before(moment_ms) for moment_ms in (one.t_ms, one.t_ms + soon_ms, session.now_ms)
    ]
    then, after, still = (max(0, int(count)) for count in waits)
    text = f"the outage went on for {_told(lasted_ms)}" if lasted_ms else "the outage was over"
    if after:
        left = (
            f"{still:,} of them to the end" if still else f"{after:,} of them for more than {_told(soon_ms)}"
        )
        text += (
            f", and {number_of(then, 'message')} waited at the gateway where nobody could read them, {left}"
        )
    return TurnedOut(not lasted_ms and not after, text)


def _outbound(session: Session, one: Judged) -> TurnedOut:
    """Another way out pays if the usual one was blocked for a while, and receivers take what comes by it; to
    wait is well if it was not.
    """
    blocked = [
        (max(fault.at_ms, one.t_ms), fault.until_ms)
        for fault in session.scenario.timeline
        if fault.until_ms > one.t_ms
        and "outbound" in directions_hit(fault)
        and component_of(fault) in ("gateway", "receivers")
    ]
    lasted_ms = _lasted_ms(session, one.t_ms)
    if lasted_ms and not blocked:
        return TurnedOut(one.answer == "no", "nothing stood in the way of what the gateway sends")
    if blocked:
        lasted_ms = min(
            lasted_ms, max(end for _start, end in blocked) - min(start for start, _end in blocked)
        )
    most_ms = session.scenario.organisation.decision_rules.outbound_more_ms
    blocked_for = f"the way out was blocked for {_told(lasted_ms)} more{_at_least(session)}"
    text = blocked_for if lasted_ms else "the outage was over"
    if one.answer == "no":
        return TurnedOut(lasted_ms <= most_ms, text)
    left, refused, aside = _by_other_way(session, one)
    if left + refused:
        text += f"; {left:,} messages left by another way, {refused:,} were refused for good"
        text += f", {aside:,} put aside" if aside else ""
    least = session.scenario.rules.outbound.restored_permille * (left + refused)
    return TurnedOut(lasted_ms >= PAYS_MS and 1000 * (left - aside) >= least, text)


def _by_other_way(session: Session, one: Judged) -> tuple[int, int, int]:
    """(taken by receivers, refused, put aside of what they took) of what the connector led round the gateway
    from that decision on, until it was led back.
    """
    protection, world, now_ms = session.drill.protection, session.drill.world, session.drill.now_ms
    after = [each for each in protection.connected if each.t_ms >= one.t_ms]
    from_ms = next((each.t_ms for each in after if each.name != CONNECTOR), None)
    if from_ms is None:
        return 0, 0, 0
    backs = (each.t_ms for each in after if each.name == CONNECTOR and each.t_ms > from_ms)
    to_ms = next(backs, now_ms)
    handed = world.writers.outbound.handed_ms
    left = sum(times.between(from_ms, to_ms) for name, times in handed.items() if name != CONNECTOR)
    returns = world.ledger.returns
    refused = returns.since(from_ms, "server was refused") - returns.since(to_ms, "server was refused")
    return left, refused, min(left, int(world.ledger.junked[OUTBOUND]))


def omission_findings(session: Session) -> list[str]:
    """A sentence for each decision that was due and that nobody took in time."""
    return [_omitted(session, one) for one in omissions(session.drill)]


def _omitted(session: Session, one: Omission) -> str:
    clock = session.drill.clock
    due = f"due by {clock(one.due_ms)} (see {one.objective})"
    if one.decided_ms is not None:
        return f"Decided too late: {one.about} on {clock(one.decided_ms)}; {due}. It counts as a wrong one."
    return f"Never decided: {one.about}; {due}. Whoever lets it be decides as well, and nobody knows why."


def sound_finding(session: Session) -> list[str]:
    """How the share of right decisions is made up."""
    judged, missed = judged_by_now(session.drill), len(omissions(session.drill))
    each = counted(judged)
    if not judged and not missed:
        return []
    right, again = sum(one.sound for one in each), len(judged) - len(each)
    made_up = f"{len(each)} taken, {missed} not taken in time"
    repeated = f"; {again} said again what had been decided and count no more" if again else ""
    return [f"Right by what was known: {right} of {len(each) + missed} decisions ({made_up}{repeated})."]


def _kept(session: Session, one: Judged) -> TurnedOut:
    """Keeping mail pays if it would have been returned."""
    scenario = session.scenario
    kept_ms = _lasted_ms(session, scenario.outage_start_ms)
    returned = int(session.drill.world.ledger.expired[INBOUND])
    text = f"the outage lasted {_told(kept_ms)}{_at_least(session)}, and the gateway returned "
    text += number_of(returned, "message")
    long = kept_ms >= load_platform(scenario.files, scenario.organisation.gateway.platform).expires_ms
    return TurnedOut(long if one.answer == "yes" else not returned, text)


def _kept_outbound(session: Session) -> TurnedOut:
    """The same for the outside: it pays if receivers put mail off for as long as the gateway keeps it."""
    scenario = session.scenario
    spans = [
        min(fault.until_ms, session.now_ms) - fault.at_ms
        for fault in scenario.timeline
        if component_of(fault) == "receivers"
    ]
    lasted_ms = max(0, *spans, 0)
    returned = int(session.drill.world.ledger.expired[OUTBOUND])
    put_off = f"receivers put mail off for {_told(lasted_ms)}" if lasted_ms else "no receiver put mail off"
    text = f"{put_off}, and the gateway returned {number_of(returned, 'message')} to your users"
    return TurnedOut(
        lasted_ms >= load_platform(scenario.files, scenario.organisation.gateway.platform).expires_ms, text
    )


def _at_least(session: Session) -> str:
    """Of a span of the outage: it goes no further than what was played."""
    return "" if _is_over(session) else " up to the drill's end"


def _lasted_ms(session: Session, since_ms: int) -> int:
    """How much longer the outage went on from then, or from its onset, as far as it was played."""
    from_ms = max(since_ms, session.scenario.outage_start_ms)
    return max(0, min(session.scenario.outage_end_ms, max(session.now_ms, from_ms)) - from_ms)


def _apart(session: Session) -> list[tuple[int, int]]:
    """When the gateway's apps reached nothing."""
    return [
        (fault.at_ms, fault.until_ms)
        for fault in session.scenario.timeline
        if fault.console_state == "unreachable"
    ]


def _told(span_ms: int) -> str:
    return format_duration(span_ms // MINUTE_MS * MINUTE_MS) if span_ms >= MINUTE_MS else "0m"
