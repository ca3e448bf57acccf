"""One message to a destination that fails in one way for some time, and the actions of its sender.

This module is used to compare the rules with real servers. Pure; times in the result are ms from the time at
which the message entered the sender's queue.
"""

from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.syn_times import SYN_MS
from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.aged_backoff import AgedBackoff
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.host_clock import HostClock
from sim.mail.platforms.retry.notice import NoticeRule
from sim.mail.platforms.retry.queue_runs import QueueRuns
from sim.mail.platforms.retry.rule import DeferredMessage, enter, whole_seconds_ms
from sim.mail.platforms.retry.scans import Scans

ARRIVAL_MS = 850
"""Fraction of a second, on the server's clock, at which the message arrives. The real fraction is unknown;
for servers that count whole seconds it shifts some attempts by one scan. Values between 800 and 930
reproduce all measured Postfix runs.
"""

MOST_LOOKS = 200_000


class TooLong(ValueError):
    """The settings make one message attempt delivery more often than a table can show."""


@frozen
class RetryProbe:
    """The life of the message; all times in ms from its arrival in the queue.

    `attempts_ms`: connections if the host failed, RCPTs if it answered. `put_off_ms`: times at which the
    message was due but no connection was opened. At most one of `bounce_ms` and `delivered_ms` is set.
    """

    failure: AttemptFailure
    attempts_ms: tuple[int, ...]
    put_off_ms: tuple[int, ...]
    notices_ms: tuple[int, ...]
    bounce_ms: int | None
    delivered_ms: int | None


def probe_retry(platform: Platform, failure: AttemptFailure, recovers_ms: int | None = None) -> RetryProbe:
    """The life of one message sent to a destination that fails with `failure` until `recovers_ms` (from the
    message's arrival; None: never) and accepts from then on.

    `platform` has to be loaded with the required scan phase, counted from ARRIVAL_MS. Raises TooLong.
    """
    attempts: list[int] = []
    put_off: list[int] = []
    up_ms = NEVER_MS if recovers_ms is None else ARRIVAL_MS + recovers_ms
    waiting = enter(ARRIVAL_MS)
    lives = [waiting]
    host_failed_ms: int | None = None
    delivered_ms: int | None = None
    while waiting.due_ms is not None:
        now_ms = waiting.due_ms
        failed_ms = now_ms
        if platform.rule.connects(now_ms, host_failed_ms):
            attempts.append(now_ms)
            delivered_ms = _reached_ms(platform, failure, now_ms, up_ms)
            if delivered_ms is not None:
                break
            failed_ms = now_ms + platform.until_deferral_ms(failure)
            host_failed_ms = failed_ms if failure.before_greeting else None
        else:
            put_off.append(now_ms)
        waiting = _after(platform, waiting, failed_ms, failure)
        lives.append(waiting)
        if len(lives) > MOST_LOOKS:
            raise TooLong(f"more than {MOST_LOOKS} attempts; shorten the lifetime or lengthen the intervals")
    end_ms = delivered_ms if delivered_ms is not None else waiting.bounce_ms
    notices = _notices(platform, failure, lives, NEVER_MS if end_ms is None else end_ms)
    return RetryProbe(
        failure,
        tuple(t - ARRIVAL_MS for t in attempts),
        tuple(t - ARRIVAL_MS for t in put_off),
        tuple(t - ARRIVAL_MS for t in notices),
        None if delivered_ms is not None or waiting.bounce_ms is None else waiting.bounce_ms - ARRIVAL_MS,
        None if delivered_ms is None else delivered_ms - ARRIVAL_MS,
    )


def _after(
    platform: Platform, waiting: DeferredMessage, failed_ms: int, failure: AttemptFailure
) -> DeferredMessage:
    if failure is AttemptFailure.REJECT:  # permanent: the retry rule does not apply (RFC 5321 §4.2.1)
        return DeferredMessage(
            waiting.arrival_ms, None, failed_ms, waiting.failures + 1, failed_ms, failed_ms
        )
    return platform.rule.after_failure(waiting, failed_ms, failure)


def _reached_ms(platform: Platform, failure: AttemptFailure, now_ms: int, up_ms: int) -> int | None:
    """The time at which an attempt made at `now_ms` succeeds. While packets are dropped, a connection
    attempt in progress is answered as soon as a repeated SYN arrives.
    """
    if failure is not AttemptFailure.TIMEOUT:
        return now_ms if now_ms >= up_ms else None
    gives_up_ms = now_ms + platform.attempt_ms(failure)
    return next((now_ms + s for s in SYN_MS if up_ms <= now_ms + s < gives_up_ms), None)


def _notices(
    platform: Platform, failure: AttemptFailure, lives: list[DeferredMessage], end_ms: int
) -> list[int]:
    """Delay notices before `end_ms`, by the platform's rule. A bounce replaces a notice."""
    rule, notice = platform.rule, platform.notice
    if notice.when == "at-limit":
        return _at_ages(notice, end_ms)
    if notice.when == "at-look" and not failure.of_host:
        return _at_looks(platform, notice, lives, end_ms)
    sent: list[int] = []
    count = 0
    for after in lives[1:]:
        if after.bounce_ms == after.last_failed_ms:
            break
        at_ms = after.last_failed_ms
        if notice.when == "next-too-late":  # OpenSMTPD considers the time of the next attempt
            due_ms = after.due_ms if after.due_ms is not None else after.bounce_ms
            passed = notice.passed((due_ms or at_ms) - ARRIVAL_MS)
        else:
            passed = notice.passed(rule.age_ms(ARRIVAL_MS, at_ms))
        if passed > count:
            sent.append(at_ms)
            count = passed
    return sent


def _at_ages(notice: NoticeRule, end_ms: int) -> list[int]:
    """Notices exactly at the configured ages."""
    sent: list[int] = []
    while (age_ms := notice.threshold_ms(len(sent) + 1)) is not None and ARRIVAL_MS + age_ms < end_ms:
        sent.append(ARRIVAL_MS + age_ms)
    return sent


def _at_looks(platform: Platform, notice: NoticeRule, lives: list[DeferredMessage], end_ms: int) -> list[int]:
    """Notices at the first scan after each age, whether or not the message is attempted then."""
    sent: list[int] = []
    looks, number = grid_of(platform), 1
    if len(lives) < 2:  # never failed
        return sent
    arrived_ms = ARRIVAL_MS if looks.ideal else whole_seconds_ms(ARRIVAL_MS)
    while (age_ms := notice.threshold_ms(number)) is not None:
        at_ms = looks.at_or_after(max(arrived_ms + age_ms, lives[1].last_failed_ms))
        if at_ms >= end_ms:
            break
        if not sent or at_ms > sent[-1]:
            sent.append(at_ms)
        number += 1
    return sent


def grid_of(platform: Platform) -> Scans:
    """The server's scans of its queue; for servers without scans, an ideal grid."""
    rule = platform.rule
    if isinstance(rule, AgedBackoff):
        return rule.scans
    return rule.runs if isinstance(rule, HostClock | QueueRuns) else Scans(0)
