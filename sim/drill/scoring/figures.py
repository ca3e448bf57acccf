"""The figures that objectives ask for, measured on a drill at the moment that it has reached.

They know the truth, and so are for judging, never for a trainee's view while the drill runs.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import minutes, passed_ms, total_ms, unapproved_spans
from sim.drill.organisation.working_hours import duty_ms, parse_hours
from sim.drill.room.announcements import (
    KnownBack,
    Statement,
    falsehoods,
    promises,
    silences,
    silent_beyond_ms,
)
from sim.drill.room.diagnosis import is_right
from sim.drill.room.evidence import known_back_ms
from sim.drill.scenario.anchor import TELL_TRUTH
from sim.drill.scenario.build_world import channels_of
from sim.drill.scenario.scenario import Objective
from sim.drill.scenario.target import ONLY_GROW
from sim.drill.scenario.verdicts import Measured, Verdict, judge, latest_ms
from sim.drill.scoring import reported_figures as reported
from sim.drill.scoring.closing_delays import late_beyond_ms, latest_closing_h
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.decisions import KEEPING
from sim.drill.scoring.drain_time import behind_min, drained_due_ms
from sim.drill.scoring.exposure import backscatter_beyond, exposed_unsigned, exposure, unsigned_beyond
from sim.drill.scoring.mail_shares import duplicates, late_or_returned, put_aside, written_again
from sim.drill.scoring.missed_decisions import omissions
from sim.drill.scoring.unfinished_mail import left_waiting, lost_again
from sim.kernel.duration import MINUTE_MS
from sim.mail.message.traffic import DIRECTIONS, INBOUND
from sim.mail.users.continuity_coverage import covered_user_ms
from sim.mail.users.reachable import able_from, reachable


def measure(drill: Drill) -> Measured:
    """Every figure that an objective of the drill asks for; while it runs, only those that decide early."""
    wanted = {target.measure for objective in drill.scenario.objectives for target in objective.targets}
    return {name: _FIGURES[name](drill) for name in sorted(wanted) if drill.complete or name in ONLY_GROW}


def verdicts_of(drill: Drill) -> list[Verdict]:
    """What has become of each objective, truth included."""
    measured = measure(drill)
    return [
        judge(one, drill.milestones, drill.now_ms, drill.complete, measured, partial(beyond, drill))
        for one in drill.scenario.objectives
    ]


def shown_verdicts(drill: Drill) -> list[tuple[Objective, Verdict]]:
    """The same as a trainee may see it: by what instruments have told, until the drill is over."""
    objectives = drill.scenario.objectives
    if drill.ended:
        return list(zip(objectives, verdicts_of(drill), strict=True))
    known, figures = reported.milestones(drill), reported.figures(drill)
    dated = partial(reported.beyond, drill)
    return [
        (
            one,
            Verdict(one.id, "open", None, "judged at the end")
            if _tells_truth(one)
            else judge(one, known, reported.known_to_ms(drill, one), False, figures, dated),
        )
        for one in objectives
    ]


def beyond(drill: Drill, figure: str, number: int) -> int | None:
    """When a figure was first more than `number`, truth included; None where no moments are kept."""
    returns = drill.world.ledger.returns
    match figure:
        case "bounced":
            return returns.beyond(number, "gateway expired")
        case "returned-by-senders":
            return returns.beyond(number, "senders gave up", "backup expired")
        case "rejected":
            return returns.beyond(
                number, "gateway refused", "backup refused", "senders were refused", "server was refused"
            )
        case "unfiltered":
            return drill.world.intake.unfiltered_beyond(number)
        case "backscatter":
            return backscatter_beyond(drill, number)
        case "exposed-min":
            spans = [(one.a_ms, one.b_ms) for one in exposed_unsigned(drill)]
            return passed_ms(spans, number * MINUTE_MS)
        case "unsigned-outbound":
            return unsigned_beyond(drill, number)
        case "outbound-lost-again-min":
            return passed_ms(lost_again(drill), number * MINUTE_MS)
        case "words-that-reached-nobody":
            return _nth([one.t_ms for one in drill.room.said if not one.reached], number)
    return _beyond_by_people(drill, figure, number)


def _beyond_by_people(drill: Drill, figure: str, number: int) -> int | None:
    """The same of what was said, decided and done too late: figures that are judged at the end."""
    match figure:
        case "false-statements":
            return _nth([one.t_ms for one, _why in false_statements(drill)], number)
        case "wrong-diagnoses":
            return _nth(_wrong_diagnoses_ms(drill), number)
        case "needless-actions":
            return _nth(_needless_ms(drill), number)
        case "longest-silence-min" | "executives-silence-min":
            stretches = _silences(drill, "users" if figure.startswith("longest") else "executives")
            return silent_beyond_ms(stretches, partial(_by_day_ms, drill), number * MINUTE_MS)
        case "users-able-after-min":
            from_ms = _able_due_ms(drill)
            return None if from_ms is None else from_ms + number * MINUTE_MS
        case "drain-behind-min":
            due_ms = drained_due_ms(drill)
            return None if due_ms is None else due_ms + number * MINUTE_MS
        case "openings-late-h":
            return late_beyond_ms(drill, number)
    return reported.beyond(drill, figure, number)


def _nth(moments: Sequence[int], number: int) -> int | None:
    return sorted(moments)[number] if number < len(moments) else None


def _tells_truth(objective: Objective) -> bool:
    """Whether what becomes of it says what is truly broken."""
    named = {deadline.milestone for deadline in (*objective.met, *objective.failed)}
    named |= {*objective.never, *objective.unless}
    return objective.shown == "at the end" or not named.isdisjoint(TELL_TRUTH)


def false_statements(drill: Drill) -> list[tuple[Statement, tuple[str, ...]]]:
    """What was said and not true, each with why, in order."""
    at_fault = drill.room.vendors_at_fault(drill.now_ms)
    faults, reported_ms = drill.scenario.timeline, drill.milestones.get("server.reported-back")
    down_for_ms = drill.scenario.rules.words.down_for_ms
    holds_ms = None if reported_ms is None else reported_ms + down_for_ms

    def known_at(moment_ms: int) -> KnownBack:
        seen_ms = known_back_ms(drill.room.sightings, faults, moment_ms, down_for_ms)
        return KnownBack(seen_ms, reported_ms, holds_ms)

    return falsehoods(drill.room.said, faults, at_fault, drill.now_ms, known_at)


def _wrong_diagnoses(drill: Drill) -> int | None:
    """Different components and failures that were stated and were not it: before the onset, any."""
    if "outage.start" not in drill.milestones or not drill.room.diagnoses:
        return None
    return len(_wrong_diagnoses_ms(drill))


def _wrong_diagnoses_ms(drill: Drill) -> list[int]:
    """When each of them was first stated."""
    faults, over_ms = drill.scenario.timeline, drill.scenario.rules.diagnosis.over_ms
    first: dict[tuple[str, str], int] = {}
    for one in drill.room.diagnoses:
        if not is_right(one, faults, over_ms):
            first.setdefault((one.component, one.failure), one.t_ms)
    return list(first.values())


def _promises_kept(drill: Drill) -> int | None:
    """None: nobody was told anything in the outage, or nothing is due. Without promises none is broken."""
    said, onset_ms = drill.room.said, drill.milestones.get("outage.start")
    due = promises(said, drill.now_ms, drill.scenario.rules.words)
    if due:
        return 100 * sum(one.kept_ms is not None for one in due) // len(due)
    heard = [one for one in said if one.reached and onset_ms is not None and one.t_ms >= onset_ms]
    return 100 if heard and all(one.next_ms is None for one in said) else None


def _longest_silence(drill: Drill, audience: str) -> int | None:
    """By day, from the first alert (without one, from the onset) until they are told that mail is back."""
    lengths_ms = [_by_day_ms(drill, *stretch) for stretch in _silences(drill, audience)]
    return minutes(max(lengths_ms)) if lengths_ms else None


def _by_day_ms(drill: Drill, a_ms: int, b_ms: int) -> int:
    """How much of [a, b) lies in hours in which people wait for a word."""
    starts_ms, hours = drill.scenario.starts_utc_ms, parse_hours(drill.scenario.rules.words.by_day)
    return duty_ms(hours, starts_ms + a_ms, starts_ms + b_ms, drill.scenario.zone)


def _silences(drill: Drill, audience: str) -> list[tuple[int, int]]:
    """The stretches between two words that count, in order; none before there is anything to tell."""
    from_ms = begun_ms(drill)
    if from_ms is None:
        return []
    said, end_ms = drill.room.said, drill.milestones.get("outage.end", drill.now_ms)
    told = (
        one.t_ms
        for one in said
        if one.audience == audience and one.reached and one.says_back and one.t_ms >= end_ms
    )
    to_ms = min(told, default=drill.now_ms)
    words = [
        one for one in said if not one.says_back or one.t_ms >= end_ms
    ]  # that it is back is no word before
    return silences(words, audience, from_ms, to_ms)


def begun_ms(drill: Drill) -> int | None:
    """From when a trainee's time counts: the first alert, or the onset where nothing alerts; None: before."""
    return drill.milestones.get("alert.first", drill.milestones.get("outage.start"))


def _covered(drill: Drill) -> int | None:
    """Share of users' time without mailboxes, from the first event, or from when one had to be running if it
    was not, to the return, in which one was in force for them; rounded down. What a colleague started on
    their own begins nothing.
    """
    users, onset_ms = drill.world.users, drill.milestones.get("outage.start")
    end_ms = drill.milestones.get("outage.end", drill.now_ms)
    if onset_ms is None:
        return None
    begun = (event.start_ms for event in users.events if not drill.continuity.started_by(event))
    from_ms = max(onset_ms, min((_event_due_ms(drill, onset_ms), *begun)))
    if end_ms <= from_ms:
        return None
    needed, covered = covered_user_ms(users, from_ms, end_ms)
    return 100 * covered // needed if needed else None


def _event_due_ms(drill: Drill, onset_ms: int) -> int:
    """When an event has to be running at the latest: by the objective on it, else by the house's rule."""
    limit_ms = latest_ms(drill.scenario.objectives, "continuity.active", drill.milestones)
    return onset_ms + drill.scenario.rules.continuity.due_ms if limit_ms is None else limit_ms


def _able_after(drill: Drill) -> int | None:
    """Minutes from the alert, or when it is noticed without one, until enough were able; else up to now."""
    users, rules, from_ms = drill.world.users, drill.scenario.rules.able, _able_due_ms(drill)
    if from_ms is None or not users.without():
        return None
    whom = reachable(users, drill.seed, list(channels_of(drill.scenario).values()))
    moments_ms = np.arange(from_ms, max(drill.now_ms, from_ms + 1), MINUTE_MS, dtype=np.int64)
    able_ms = able_from(users, whom, rules.percent, moments_ms)
    return minutes(max((drill.now_ms if able_ms is None else able_ms) - from_ms, 0))


def _able_due_ms(drill: Drill) -> int | None:
    """From when it is counted; None before the onset."""
    onset_ms = drill.milestones.get("outage.start")
    if onset_ms is None:
        return None
    noticed_ms = onset_ms + drill.scenario.rules.able.noticed_ms
    return min(noticed_ms, drill.milestones.get("alert.first", noticed_ms))


def _sound(drill: Drill) -> int | None:
    """None: nothing that a rule judges was decided or due. What was due and not decided in time is wrong."""
    judged = counted(judged_by_now(drill))
    count = len(judged) + len(omissions(drill))
    return 100 * sum(one.sound for one in judged) // count if count else None


def _needless(drill: Drill) -> int | None:
    """Pauses and longer retentions for which nothing spoke that was known then."""
    if not drill.commands_given:
        return None  # whoever does nothing earns nothing by it
    return len(_needless_ms(drill))


def _needless_ms(drill: Drill) -> list[int]:
    return [one.t_ms for one in drill.room.judged if one.deed and one.about in KEEPING and not one.sound]


def _in_account(drill: Drill, account: str) -> int:
    return sum(drill.world.custody()[name].get(account, 0) for name in DIRECTIONS)


_FIGURES: Mapping[str, Callable[[Drill], int | None]] = {
    "promises-kept-percent": _promises_kept,
    "false-statements": lambda drill: len(false_statements(drill)) if drill.room.said else None,
    "wrong-diagnoses": _wrong_diagnoses,
    "words-that-reached-nobody": lambda drill: sum(not one.reached for one in drill.room.said),
    "longest-silence-min": lambda drill: _longest_silence(drill, "users"),
    "executives-silence-min": lambda drill: _longest_silence(drill, "executives"),
    "continuity-covered-percent": _covered,
    "users-able-after-min": _able_after,
    "bounced": lambda drill: int(drill.world.ledger.expired[INBOUND]),
    "returned-by-senders": lambda drill: (
        drill.world.custody()["inbound"].get("bounced", 0) - int(drill.world.ledger.expired[INBOUND])
    ),
    "rejected": lambda drill: _in_account(drill, "rejected"),
    "late-or-returned-permille": late_or_returned,
    "put-aside-permille": put_aside,
    "duplicates-permille": duplicates,
    "left-waiting": left_waiting,
    "outbound-lost-again-min": lambda drill: minutes(total_ms(lost_again(drill))),
    "written-again-permille": written_again,
    "unfiltered": lambda drill: drill.world.unfiltered,
    "backscatter": lambda drill: exposure(drill).backscatter,
    "unsigned-outbound": lambda drill: exposure(drill).unsigned,
    "exposed-min": lambda drill: minutes(exposure(drill).unsigned_off_ms),
    "open-unapproved-min": lambda drill: minutes(total_ms(unapproved_spans(drill))),
    "unapproved": lambda drill: len(drill.room.approvals.unsound),
    "openings-unproven": lambda drill: len(drill.room.openings.unproven()),
    "openings-late-h": latest_closing_h,
    "sound-decisions-percent": _sound,
    "needless-actions": _needless,
    "drain-behind-min": behind_min,
    "calls": lambda drill: drill.helpdesk.calls_before(drill.now_ms),
    "executive-calls": lambda drill: len(drill.stakeholders.called_ms("executives")),
    "partner-calls": lambda drill: len(drill.stakeholders.called_ms("partners")),
}
