"""Details of single rules that no table or trace shows."""

import pytest

from sim.mail.platforms.platform import load_platform
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.probes.retry import RetryProbe
from sim.mail.probes.retry_report import report_on
from tests.shipped import FILES


def probe(
    platform: str,
    failure: AttemptFailure = AttemptFailure.REFUSED,
    recovers_s: int | None = None,
    **more: str,
) -> RetryProbe:
    settings = {name.replace("__", "."): value for name, value in more.items()}
    settings = {name.replace("_dash_", "-"): value for name, value in settings.items()}
    return report_on(
        FILES, platform, settings, failure, None if recovers_s is None else recovers_s * 1000
    ).probe


def seconds(times_ms: tuple[int, ...]) -> list[float]:
    return [t / 1000 for t in times_ms]


@pytest.mark.parametrize("platform", ["postfix", "exim", "sendmail", "courier", "mimecast", "gmail"])
def test_a_permanent_reply_bounces_at_once(platform: str) -> None:
    life = probe(platform, AttemptFailure.REJECT)
    assert (life.attempts_ms, life.bounce_ms, life.notices_ms) == ((0,), 0, ())


def test_an_application_tries_once() -> None:
    life = probe("application")
    assert (life.attempts_ms, life.bounce_ms, life.delivered_ms) == ((0,), 0, None)
    assert probe("application", recovers_s=0).delivered_ms == 0


def test_postfix_counts_a_timeout_from_its_end() -> None:
    """Failing at 30 s, the message may be tried from 330 s on: the second scan, not the first."""
    refused, dropped = probe("postfix"), probe("postfix", AttemptFailure.TIMEOUT)
    assert seconds(refused.attempts_ms[:4]) == [0, 300, 600, 1200]
    assert seconds(dropped.attempts_ms[:4]) == [0, 600, 1500, 3300]


def test_a_connection_attempt_under_way_succeeds_when_packets_pass_again() -> None:
    life = probe("postfix", AttemptFailure.TIMEOUT, recovers_s=10)
    assert life.attempts_ms == (0,)
    assert life.delivered_ms == 15_000  # the SYN after 15 s; the one after 7 s was lost
    assert probe("postfix", AttemptFailure.TIMEOUT, recovers_s=20).delivered_ms == 600_000


def test_exim_waits_for_the_kernel_not_for_its_own_five_minutes() -> None:
    """With TCP Fast Open it waits for the greeting instead, for command_timeout."""
    for settings, waits_s in (
        ({}, 134),
        ({"connect_timeout": "60s"}, 134),
        ({"connect_timeout": "60s", "hosts_try_fastopen": "!*"}, 60),
        ({"hosts_try_fastopen": "!*"}, 134),
        ({"command_timeout": "60s"}, 60),
    ):
        exim = load_platform(FILES, "exim", settings)
        assert exim.attempt_ms(AttemptFailure.TIMEOUT) == waits_s * 1000, settings


def test_exim_cuts_its_gaps_to_seconds_and_multiplies_the_scheduled_one() -> None:
    life = probe("exim", retry="F,8s,1s; G,64s,4s,1.5; F,384s,24s", queue_interval="2s", delay_warning="96s")
    assert seconds(life.attempts_ms[5:13]) == [10, 14, 20, 30, 44, 64, 92, 116]
    assert life.bounce_ms == 386_000


def test_exim_repeats_its_notice_and_sends_it_in_any_run_when_only_the_message_waits() -> None:
    own = probe("exim", AttemptFailure.DEFER)
    host = probe("exim")
    assert seconds(own.notices_ms) == [86_400, 172_800, 259_200, 345_600]
    assert len(host.notices_ms) == 3
    assert set(host.notices_ms) <= set(host.attempts_ms)


def test_exim_takes_a_list_of_notices() -> None:
    life = probe("exim", AttemptFailure.DEFER, delay_warning="4h:8h:24h")
    assert [t / 3_600_000 for t in life.notices_ms] == [4, 8, 24, 40, 56, 72, 88]


@pytest.mark.parametrize(("interval", "notice_s"), [("1h", 1600), ("2h", 6400), ("4h", 10000)])
def test_opensmtpd_warns_when_the_next_attempt_would_be_too_late(interval: str, notice_s: int) -> None:
    """After a 451 at once; after a refused connection when it defers the message, 11 s later; after a
    time-out of 134 s at 141 s; without a greeting for 300 s at 301 s.
    """
    for failure, later_s in (
        (AttemptFailure.DEFER, 0),
        (AttemptFailure.REFUSED, 11),
        (AttemptFailure.TIMEOUT, 141),
        (AttemptFailure.SILENT, 301),
    ):
        life = probe("opensmtpd", failure, warn_dash_interval=interval)
        assert seconds(life.notices_ms) == [notice_s + later_s]


@pytest.mark.parametrize(
    "platform", ["exchange-online", "amazon-ses", "sendgrid", "mailgun", "sparkpost", "broadcom", "rfc5321"]
)
def test_a_sender_that_is_told_to_warn_does_so_at_the_next_failure(platform: str) -> None:
    assert probe(platform).notices_ms == ()
    life = probe(platform, delay_notice="3h1s")
    assert life.notices_ms == (next(t for t in life.attempts_ms if t > 3 * 3_600_000),)


def test_opensmtpd_takes_the_first_square_after_a_timeout() -> None:
    assert seconds(probe("opensmtpd", AttemptFailure.TIMEOUT).attempts_ms[:4]) == [0, 400, 1600, 3600]


def test_qmail_schedules_the_next_attempt_when_it_begins_one() -> None:
    """qmail-send.c, pass_dochan: `retry = nextretry(birth)` and `flagdying = recent > birth + lifetime` come
    before a message's recipients are tried, so a time-out of 60 s moves neither.
    """
    life = probe("qmail", AttemptFailure.TIMEOUT)
    assert seconds(life.attempts_ms[:4]) == [0, 400, 1600, 3600]
    assert seconds(life.attempts_ms[-1:]) == [400 * 39**2]
    assert life.bounce_ms == (400 * 39**2 + 60) * 1000
    silent = probe("qmail", AttemptFailure.TIMEOUT, timeoutconnect="1200s")
    assert seconds(silent.attempts_ms[:3]) == [0, 1200, 54**2], "√1200 = 34.6; the second is overdue at once"


def test_qmail_bounces_a_message_that_is_older_than_its_lifetime() -> None:
    """At 160,000 s = 400 · 20² the message is as old as that, and not older."""
    assert probe("qmail", queuelifetime="160000").bounce_ms == 400 * 21**2 * 1000
    assert probe("qmail", queuelifetime="159999").bounce_ms == 160_000_000


def test_sendmail_leaves_a_message_alone_for_its_minimum_age() -> None:
    assert seconds(probe("sendmail", MinQueueAge="25m").attempts_ms[:4]) == [0, 1800, 3600, 5400]
    assert seconds(probe("sendmail", MinQueueAge="20m").attempts_ms[:4]) == [0, 1200, 2400, 3600]


def test_sendmail_bounces_in_the_run_that_finds_the_message_too_old() -> None:
    life = probe("sendmail", queue_interval="7m", Timeout__queuereturn="1h", Timeout__queuewarn="10m")
    assert (seconds(life.notices_ms), life.bounce_ms) == ([840], 3_780_000)
    assert life.attempts_ms[-1] == life.bounce_ms


def test_courier_with_its_defaults() -> None:
    minutes = [t / 60 for t in seconds(probe("courier", esmtpdelay="0").attempts_ms[:13])]
    assert minutes == [0, 5, 10, 40, 45, 50, 110, 115, 120, 240, 245, 250, 370]


def test_courier_opens_no_connection_while_a_destination_is_suppressed() -> None:
    life = probe("courier", esmtpdelay="8m")
    assert [t / 60_000 for t in life.attempts_ms[:4]] == [0, 10, 40, 50]
    assert [t / 60_000 for t in life.put_off_ms[:3]] == [5, 45, 110 + 5]
    deferred = probe("courier", AttemptFailure.DEFER, esmtpdelay="8m")
    assert deferred.put_off_ms == ()


def test_exchange_reaches_its_steady_interval_and_then_releases() -> None:
    life = probe("exchange-server", recovers_s=3600)
    assert life.delivered_ms == 64 * 60_000
    assert [t / 60_000 for t in life.attempts_ms][-3:] == [44, 54, 64]


def test_a_schedule_is_chosen_and_gaps_override_it() -> None:
    dense, sparse = probe("gmail", schedule="dense"), probe("gmail", schedule="sparse")
    assert len(dense.attempts_ms) > len(probe("gmail").attempts_ms) > len(sparse.attempts_ms)
    own = probe("gmail", schedule="dense", retry_gaps="1h 2h")
    assert [t / 3_600_000 for t in own.attempts_ms[:4]] == [0, 1, 3, 5]


def test_bands_are_shown_until_one_is_chosen() -> None:
    assert set(report_on(FILES, "gmail", {}, AttemptFailure.REFUSED).bands) == {"dense", "middle", "sparse"}
    assert not report_on(FILES, "gmail", {"schedule": "dense"}, AttemptFailure.REFUSED).bands
    assert not report_on(FILES, "postfix", {}, AttemptFailure.REFUSED).bands
    assert report_on(FILES, "gmail", {}, AttemptFailure.REFUSED).assumed == (
        "schedule",
        "retry_gaps",
        "expiry",
    )


def test_a_random_scan_phase_is_a_function_of_the_seed() -> None:
    def phase(seed: int) -> int | None:
        return report_on(
            FILES, "postfix", {"scan_phase": "random"}, AttemptFailure.REFUSED, seed=seed
        ).scan_phase_ms

    drawn = {phase(seed) for seed in range(20)}
    assert len(drawn) == 20
    assert all(0 < one <= 300_000 for one in drawn if one)
    assert phase(7) == phase(7)
