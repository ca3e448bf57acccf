"""What each kind of answer means at each step."""

import pytest

from sim.mail.platforms.mx_lookup import Lookup, MailHost, classify_lookup, hosts_in_order
from sim.mail.platforms.platform import platform_ids, read_platform
from sim.mail.platforms.platform_file import FailureName
from sim.mail.platforms.reply_overrides import overrides_of
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.smtp_reply import (
    ReplyScope,
    SenderAction,
    Silence,
    SmtpReply,
    SmtpStep,
    classify,
    parse_reply,
)
from tests.shipped import FILES

TALK = (SmtpStep.MAIL, SmtpStep.RCPT, SmtpStep.DATA, SmtpStep.MESSAGE)


@pytest.mark.parametrize("step", TALK)
def test_4xx_waits_for_another_host_or_time_and_5xx_bounces(step: SmtpStep) -> None:
    soft, hard = classify(step, parse_reply("451 4.3.2 later")), classify(step, parse_reply("550 5.7.51 no"))
    assert (soft.outcome, soft.status, soft.failure) == (SenderAction.NEXT, "4.3.2", AttemptFailure.DEFER)
    assert (hard.outcome, hard.status, hard.failure) == (SenderAction.BOUNCE, "5.7.51", AttemptFailure.REJECT)
    scope = ReplyScope.RECIPIENT if step is SmtpStep.RCPT else ReplyScope.MESSAGE
    assert soft.scope is hard.scope is scope


def test_a_5xx_greeting_is_about_the_host_and_a_5xx_at_rcpt_about_the_recipient() -> None:
    greeting, rcpt = classify(SmtpStep.GREETING, SmtpReply(554)), classify(SmtpStep.RCPT, SmtpReply(550))
    assert (greeting.outcome, greeting.scope, greeting.failure) == (
        SenderAction.NEXT,
        ReplyScope.HOST,
        AttemptFailure.GREETING_5XX,
    )
    assert (rcpt.outcome, rcpt.scope) == (SenderAction.BOUNCE, ReplyScope.RECIPIENT)


def test_a_platform_may_bounce_on_a_5xx_greeting() -> None:
    verdict = classify(
        SmtpStep.GREETING, parse_reply("554 5.3.2 go away"), {"5xx_greeting": SenderAction.BOUNCE}
    )
    assert (verdict.outcome, verdict.status) == (SenderAction.BOUNCE, "5.3.2")


def test_an_override_that_waits_turns_the_status_into_a_temporary_one() -> None:
    verdict = classify_lookup(Lookup.DANGLING_MX, {"dangling_mx": SenderAction.WAIT})
    assert (verdict.outcome, verdict.status) == (SenderAction.WAIT, "4.4.4")


@pytest.mark.parametrize(
    ("step", "silence", "outcome", "status", "failure"),
    [
        (SmtpStep.CONNECT, Silence.REFUSED, SenderAction.NEXT, "4.4.1", AttemptFailure.REFUSED),
        (SmtpStep.CONNECT, Silence.TIMEOUT, SenderAction.NEXT, "4.4.1", AttemptFailure.TIMEOUT),
        (SmtpStep.GREETING, Silence.TIMEOUT, SenderAction.NEXT, "4.4.2", AttemptFailure.SILENT),
        (SmtpStep.RCPT, Silence.CLOSED, SenderAction.WAIT, "4.4.2", AttemptFailure.DEFER),
        (SmtpStep.MESSAGE, Silence.TIMEOUT, SenderAction.WAIT, "4.4.2", AttemptFailure.DEFER),
    ],
)
def test_silence(
    step: SmtpStep, silence: Silence, outcome: SenderAction, status: str, failure: AttemptFailure
) -> None:
    verdict = classify(step, silence)
    assert (verdict.outcome, verdict.status, verdict.failure) == (outcome, status, failure)


def test_silence_after_the_dot_may_mean_a_duplicate() -> None:
    assert classify(SmtpStep.MESSAGE, Silence.TIMEOUT).cause == "broken_after_dot"
    assert classify(SmtpStep.DATA, Silence.TIMEOUT).cause == "broken"


def test_a_421_speaks_for_the_host_wherever_it_comes() -> None:
    for step in SmtpStep:
        verdict = classify(step, SmtpReply(421))
        assert (verdict.outcome, verdict.scope, verdict.status) == (
            SenderAction.NEXT,
            ReplyScope.HOST,
            "4.3.2",
        ), step


def test_acceptance_is_the_answer_to_the_dot_and_no_other() -> None:
    outcomes = [classify(step, SmtpReply(354 if step is SmtpStep.DATA else 250)).outcome for step in SmtpStep]
    assert outcomes == [SenderAction.PROCEED] * 6 + [SenderAction.DELIVERED]


def test_a_reply_out_of_its_place_makes_the_message_wait() -> None:
    assert classify(SmtpStep.DATA, SmtpReply(250)).outcome is SenderAction.WAIT
    assert classify(SmtpStep.RCPT, SmtpReply(354)).outcome is SenderAction.WAIT


def test_parsing() -> None:
    assert parse_reply("451 4.3.2 System not accepting") == SmtpReply(451, "4.3.2", "System not accepting")
    assert parse_reply("550-5.1.1 no such user").status == "5.1.1"
    assert parse_reply("421") == SmtpReply(421)
    assert parse_reply("550 4.1.1 odd").status == "", "a code of another class is text (RFC 2034 §4)"
    for wrong in ("", "99 x", "650 x", "abc", "2500 x"):
        with pytest.raises(ValueError, match="is not an SMTP reply; write"):
            parse_reply(wrong)


@pytest.mark.parametrize(
    ("found", "outcome", "status"),
    [
        (Lookup.SERVFAIL, SenderAction.WAIT, "4.4.3"),
        (Lookup.NXDOMAIN, SenderAction.BOUNCE, "5.1.2"),
        (Lookup.NO_DATA, SenderAction.BOUNCE, "5.4.4"),
        (Lookup.NULL_MX, SenderAction.BOUNCE, "5.1.10"),
        (Lookup.DANGLING_MX, SenderAction.BOUNCE, "5.4.4"),
    ],
)
def test_lookups_that_find_no_host(found: Lookup, outcome: SenderAction, status: str) -> None:
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
    assert classify_lookup(found, overrides_of(file)).outcome is (
        SenderAction.WAIT if waits else SenderAction.BOUNCE
    )
    assert file.lookups[found.value].confidence == "measured"


@pytest.mark.parametrize("platform", platform_ids(FILES))
def test_every_failure_in_a_platform_s_file_reaches_the_verdict(platform: str) -> None:
    file = read_platform(FILES, platform)
    answers: dict[FailureName, tuple[SmtpStep, SmtpReply | Silence]] = {
        "refused": (SmtpStep.CONNECT, Silence.REFUSED),
        "timeout": (SmtpStep.CONNECT, Silence.TIMEOUT),
        "silent": (SmtpStep.GREETING, Silence.TIMEOUT),
        "greeting_4xx": (SmtpStep.GREETING, SmtpReply(421)),
        "greeting_5xx": (SmtpStep.GREETING, SmtpReply(554)),
        "defer": (SmtpStep.RCPT, SmtpReply(451)),
        "reject": (SmtpStep.RCPT, SmtpReply(550)),
    }
    outcomes = {"next": SenderAction.NEXT, "stay": SenderAction.WAIT, "bounce": SenderAction.BOUNCE}
    outcomes["next-or-bounce"] = SenderAction.NEXT
    for kind, (step, answer) in answers.items():
        verdict = classify(step, answer, overrides_of(file))
        assert verdict.outcome is outcomes[file.fallback[kind].value], kind


@pytest.mark.parametrize(
    ("platform", "outcome", "confidence"),
    [
        ("postfix", SenderAction.NEXT, "vendor"),
        ("opensmtpd", SenderAction.NEXT, "vendor"),
        ("qmail", SenderAction.WAIT, "vendor"),
        ("exim", SenderAction.NEXT, "measured"),
        ("sendmail", SenderAction.NEXT, "measured"),
        ("courier", SenderAction.BOUNCE, "measured"),
    ],
)
def test_a_5xx_greeting_in_the_products_of_which_it_is_known(
    platform: str, outcome: SenderAction, confidence: str
) -> None:
    file = read_platform(FILES, platform)
    assert classify(SmtpStep.GREETING, SmtpReply(554), overrides_of(file)).outcome is outcome
    assert file.fallback["greeting_5xx"].confidence == confidence


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
