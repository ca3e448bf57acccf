"""A real Postfix whose resolver gets no answers for 40 s, and real servers whose destination's name exists
in no way that helps.
"""

from collections.abc import Callable
from statistics import median

import pytest

from tests.fidelity.measured.recorded import RUNS, Recorded, compare, explained
from tests.oracle.destination import Resolver, Timeline

DOWN = "e8-postfix-fast-dnsdown"
NO_HOST = {
    "nxdomain": "nxdomain",
    "nodata": "no_data",
    "nullmx": "null_mx",
    "dangling": "dangling_mx",
}
GIVES_UP_MS = 10_000
"""The C library asks twice and waits 5 s each time (resolv.conf(5))."""
UNBOUND_BACK_MS = (17_000, 24_000)
"""How long Unbound goes on failing after an authoritative server's return (tests of the resolvers)."""


def unresolved(late_ms: int) -> Callable[[Recorded], Resolver]:
    """SERVFAIL after a wait, until the resolver notices that the authority is back."""

    def resolver(run: Recorded) -> Resolver:
        back_ms = run.ms(40.0) + late_ms
        return Resolver(Timeline(((0, "servfail"), (back_ms, ("mx1",)))), GIVES_UP_MS)

    return resolver


@pytest.mark.parametrize("late_ms", UNBOUND_BACK_MS)
def test_nothing_bounces_and_everything_comes_after_the_resolver_answers_again(late_ms: int) -> None:
    run, history = explained(DOWN, unresolved(late_ms))
    assert compare(run, history).fates_agree
    assert all((m.ended_ms or 0) >= run.ms(40.0) + late_ms for m in history.messages)
    assert {m.fate for m in history.messages} == {"delivered"}


def test_how_long_mail_takes_after_the_authority_s_return() -> None:
    """The median over the resolver's window, within 15 %; the real lookups took 5 to 15 s each."""
    ours: list[int] = []
    for late_ms in range(*UNBOUND_BACK_MS, 1000):
        run, history = explained(DOWN, unresolved(late_ms))
        ours += [(m.ended_ms or 0) - run.ms(40.0) for m in history.messages]
    theirs = [run.ms(t) - run.ms(40.0) for t, *_ in run.run["deliveries"]]
    assert median(ours) == pytest.approx(median(theirs), rel=0.15)
    assert min(ours) >= UNBOUND_BACK_MS[0]
    assert max(ours) <= max(theirs) + 27_000 + run.period_ms  # one longest back-off


def test_the_delay_notices_of_a_dead_resolver() -> None:
    """Those that had waited for delay_warning_time, 20 s, when a lookup failed; the five oldest of seven. The
    sixth is a matter of how long its lookup took, 5 to 15 s in reality: with the model's 10 s it fails in the
    last second before that age, in which Postfix warns already.
    """
    run, history = explained(DOWN, unresolved(20_000))
    sent = [d for d in run.run["dsn"] if d["action"] == "delayed"]
    assert {d["status"] for d in sent} == {"4.4.3"}
    warned = {i["id"]: m for i, m in zip(run.messages, history.messages, strict=True) if m.notices}
    assert list(warned) == [*sorted(d["id"] for d in sent), "m6"]
    assert 19_000 <= warned["m6"].notices[0] - warned["m6"].arrival_ms < 20_000


def answers_again(run: Recorded) -> Resolver:
    """SERVFAIL at once, until the moment at which the run's resolver had an answer."""
    return Resolver(Timeline(((0, "servfail"), (run.back_ms, ("mx1",)))))


@pytest.mark.parametrize("name", sorted(path.stem for path in RUNS.glob("e8-*-servfail.json")))
def test_when_mail_leaves_after_a_resolver_that_answered_servfail_at_once(name: str) -> None:
    """With Exim, fresh mail that is looked up brings the rest along in the next queue run; with Courier, a
    child whose lookup failed puts off what is due when the resolver answers again.
    """
    run, history = explained(name, answers_again)
    compared = compare(run, history)
    assert compared.fates_agree
    assert len(compared.ends_ms) == len(history.messages)
    assert compared.worst_ms <= run.tolerance_ms


@pytest.mark.parametrize("name", sorted(path.stem for path in RUNS.glob("e9-*.json")))
def test_a_name_without_hosts(name: str) -> None:
    """Bounced at once or kept, as the run says, with the run's status."""
    why = NO_HOST[name.rsplit("-", 1)[1]]
    run, history = explained(name, lambda _: Resolver(Timeline(((0, why),))))
    message = history.messages[0]
    bounced = [d for d in run.run["dsn"] if d["action"] == "failed"]
    assert not message.attempts
    if bounced:
        assert (message.fate, message.ended_ms) == ("bounced", message.arrival_ms)
        assert message.status == bounced[0]["status"]
        assert run.ms(bounced[0]["t"]) - message.arrival_ms <= 300
    else:
        until_ms = run.ms(max([0.0, *(d["t"] for d in run.run["dsn"])]))
        assert message.fate == "waiting" or (message.ended_ms or 0) > until_ms
        delayed = [d for d in run.run["dsn"] if d["action"] == "delayed"]
        assert bool(delayed) <= bool(message.notices)
