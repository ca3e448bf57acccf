"""What each kind of answer means at each step."""

import pytest

from sim.mail.platforms.platform import platform_ids, read_platform
from sim.mail.platforms.platform_file import FailureName
from sim.mail.platforms.reply_overrides import overrides_of
from sim.mail.platforms.retry.failure import Failure
from sim.mail.platforms.smtp_reply import (
    Lookup,
    MailHost,
    Outcome,
    Reply,
    Scope,
    Silence,
    Step,
    classify,
    classify_lookup,
    hosts_in_order,
    parse_reply,
)
from tests.shipped import FILES

TALK = (Step.MAIL, Step.RCPT, Step.DATA, Step.MESSAGE)


@pytest.mark.parametrize("step", TALK)
def test_4xx_waits_for_another_host_or_time_and_5xx_bounces(step: Step) -> None:
    soft, hard = classify(step, parse_reply("451 4.3.2 later")), classify(step, parse_reply("550 5.7.51 no"))
    assert (soft.outcome, soft.status, soft.failure) == (Outcome.NEXT, "4.3.2", Failure.DEFER)
    assert (hard.outcome, hard.status, hard.failure) == (Outcome.BOUNCE, "5.7.51", Failure.REJECT)
    scope = Scope.RECIPIENT if step is Step.RCPT else Scope.MESSAGE
    assert soft.scope is hard.scope is scope


def test_a_5xx_greeting_is_about_the_host_and_a_5xx_at_rcpt_about_the_recipient() -> None:
    greeting, rcpt = classify(Step.GREETING, Reply(554)), classify(Step.RCPT, Reply(550))
    assert (greeting.outcome, greeting.scope, greeting.failure) == (
        Outcome.NEXT,
        Scope.HOST,
        Failure.GREETING_5XX,
    )
    assert (rcpt.outcome, rcpt.scope) == (Outcome.BOUNCE, Scope.RECIPIENT)


def test_a_platform_may_bounce_on_a_5xx_greeting() -> None:
    verdict = classify(Step.GREETING, parse_reply("554 5.3.2 go away"), {"5xx_greeting": Outcome.BOUNCE})
    assert (verdict.outcome, verdict.status) == (Outcome.BOUNCE, "5.3.2")


def test_an_override_that_waits_turns_the_status_into_a_temporary_one() -> None:
    verdict = classify_lookup(Lookup.DANGLING_MX, {"dangling_mx": Outcome.WAIT})
    assert (verdict.outcome, verdict.status) == (Outcome.WAIT, "4.4.4")


@pytest.mark.parametrize(
    ("step", "silence", "outcome", "status", "failure"),
    [
        (Step.CONNECT, Silence.REFUSED, Outcome.NEXT, "4.4.1", Failure.REFUSED),
        (Step.CONNECT, Silence.TIMEOUT, Outcome.NEXT, "4.4.1", Failure.TIMEOUT),
        (Step.GREETING, Silence.TIMEOUT, Outcome.NEXT, "4.4.2", Failure.SILENT),
        (Step.RCPT, Silence.CLOSED, Outcome.WAIT, "4.4.2", Failure.DEFER),
        (Step.MESSAGE, Silence.TIMEOUT, Outcome.WAIT, "4.4.2", Failure.DEFER),
    ],
)
def test_silence(step: Step, silence: Silence, outcome: Outcome, status: str, failure: Failure) -> None:
    verdict = classify(step, silence)
    assert (verdict.outcome, verdict.status, verdict.failure) == (outcome, status, failure)


def test_silence_after_the_dot_may_mean_a_duplicate() -> None:
    assert classify(Step.MESSAGE, Silence.TIMEOUT).cause == "broken_after_dot"
    assert classify(Step.DATA, Silence.TIMEOUT).cause == "broken"


def test_a_421_speaks_for_the_host_wherever_it_comes() -> None:
    for step in Step:
        verdict = classify(step, Reply(421))
        assert (verdict.outcome, verdict.scope, verdict.status) == (Outcome.NEXT, Scope.HOST, "4.3.2"), step


def test_acceptance_is_the_answer_to_the_dot_and_no_other() -> None:
    outcomes = [classify(step, Reply(354 if step is Step.DATA else 250)).outcome for step in Step]
    assert outcomes == [Outcome.PROCEED] * 6 + [Outcome.DELIVERED]


def test_a_reply_out_of_its_place_makes_the_message_wait() -> None:
    assert classify(Step.DATA, Reply(250)).outcome is Outcome.WAIT
    assert classify(Step.RCPT, Reply(354)).outcome is Outcome.WAIT


def test_parsing() -> None:
    assert parse_reply("451 4.3.2 System not accepting") == Reply(451, "4.3.2", "System not accepting")
    assert parse_reply("550-5.1.1 no such user").status == "5.1.1"
    assert parse_reply("421") == Reply(421)
    assert parse_reply("550 4.1.1 odd").status == "", "a code of another class is text (RFC 2034 §4)"
    for wrong in ("", "99 x", "650 x", "abc", "2500 x"):
        with pytest.raises(ValueError, match="is not an SMTP reply; write"):
            parse_reply(wrong)


@pytest.mark.parametrize(
    ("found", "outcome", "status"),
    [
        (Lookup.SERVFAIL, Outcome.WAIT, "4.4.3"),
        (Lookup.NXDOMAIN, Outcome.BOUNCE, "5.1.2"),
        (Lookup.NO_DATA, Outcome.BOUNCE, "5.4.4"),
        (Lookup.NULL_MX, Outcome.BOUNCE, "5.1.10"),
        (Lookup.DANGLING_MX, Outcome.BOUNCE, "5.4.4"),
    ],
)
def test_lookups_that_find_no_host(found: Lookup, outcome: Outcome, status: str) -> None:
    verdict = classify_lookup(found)
    assert (verdict.outcome, verdict.status, verdict.cause) == (outcome, status, found.value)


WAITS = {
    ("sendmail", Lookup.DANGLING_MX),
    ("opensmtpd", Lookup.DANGLING_MX),
    ("opensmtpd", Lookup.NO_DATA),
}
"""Beside SERVFAIL, which waits everywhere; all other lookups bounce in the five measured servers."""


@pytest.mark.parametrize("found", list(Lookup))
@pytest.mark.parametrize("platform", ["postfix", "exim", "sendmail", "courier", "opensmtpd"])
def test_lookups_as_measured_by_each_platform_s_file(platform: str, found: Lookup) -> None:
    file = read_platform(FILES, platform)
    waits = found is Lookup.SERVFAIL or (platform, found) in WAITS
    assert classify_lookup(found, overrides_of(file)).outcome is (Outcome.WAIT if waits else Outcome.BOUNCE)
    assert file.lookups[found.value].confidence == "measured"


@pytest.mark.parametrize("platform", platform_ids(FILES))
def test_every_failure_in_a_platform_s_file_reaches_the_verdict(platform: str) -> None:
    file = read_platform(FILES, platform)
    answers: dict[FailureName, tuple[Step, Reply | Silence]] = {
        "refused": (Step.CONNECT, Silence.REFUSED),
        "timeout": (Step.CONNECT, Silence.TIMEOUT),
        "silent": (Step.GREETING, Silence.TIMEOUT),
        "greeting_4xx": (Step.GREETING, Reply(421)),
        "greeting_5xx": (Step.GREETING, Reply(554)),
        "defer": (Step.RCPT, Reply(451)),
        "reject": (Step.RCPT, Reply(550)),
    }
    outcomes = {"next": Outcome.NEXT, "stay": Outcome.WAIT, "bounce": Outcome.BOUNCE}
    for kind, (step, answer) in answers.items():
        verdict = classify(step, answer, overrides_of(file))
        assert verdict.outcome is outcomes[file.fallback[kind].value], kind


@pytest.mark.parametrize(
    ("platform", "outcome"),
    [
        ("postfix", Outcome.NEXT),
        ("opensmtpd", Outcome.NEXT),
        ("qmail", Outcome.WAIT),
        ("exim", Outcome.BOUNCE),
    ],
)
def test_a_5xx_greeting_in_the_products_whose_source_or_manual_says(platform: str, outcome: Outcome) -> None:
    file = read_platform(FILES, platform)
    assert classify(Step.GREETING, Reply(554), overrides_of(file)).outcome is outcome
    assert file.fallback["greeting_5xx"].confidence == "vendor"


def test_hosts_are_tried_in_order_of_preference() -> None:
    hosts = hosts_in_order(
        (MailHost(20, "b.test"), MailHost(10, "a.test"), MailHost(5, "gone.test", 0)), 1, "d.test"
    )
    assert not isinstance(hosts, Lookup)
    assert [host.name for host in hosts] == ["a.test", "b.test"]


def test_implicit_mx_and_the_ways_to_have_no_host() -> None:
    assert hosts_in_order((), 1, "d.test") == (MailHost(0, "d.test", 1),)
    assert hosts_in_order((), 0, "d.test") is Lookup.NO_DATA
    assert hosts_in_order(None, 0, "d.test") is Lookup.NXDOMAIN
    assert hosts_in_order((MailHost(0, "."),), 1, "d.test") is Lookup.NULL_MX
    assert hosts_in_order((MailHost(10, "x.test", 0),), 1, "d.test") is Lookup.DANGLING_MX
