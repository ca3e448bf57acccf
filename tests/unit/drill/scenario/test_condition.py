from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.scenario.condition import BadCondition, Both, Comparison, Either, InTime, Reached, Term, denied
from sim.drill.scenario.condition_reader import parse_condition
from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.examples import examples
from tests.hostile import tries


def shape(text: str) -> str:
    return _shape(parse_condition(text).term)


def _shape(term: Term) -> str:
    match term:
        case Both(parts):
            return f"({' and '.join(map(_shape, parts))})"
        case Either(parts):
            return f"({' or '.join(map(_shape, parts))})"
        case Comparison():
            return f"{term.quantity} {'<' if term.below else '>='} {term.least(1000)}"
        case Reached():
            return f"{'before' if term.yet else 'from'} {term.anchor.text}"
        case InTime():
            return f"{term.milestone} {'not ' if term.missed else ''}by {term.anchor.text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("queue > 5000", "queue >= 5001"),
        ("queue>=5000", "queue >= 5000"),
        ("queue < 5", "queue < 5"),
        ("queue <= 5", "queue < 6"),
        ("oldest > 12h", f"oldest >= {12 * HOUR_MS + 1}"),
        ("oldest >= 1h30m", f"oldest >= {90 * MINUTE_MS}"),
        ("users without mail > 30 %", "users without mail >= 301"),
        ("users without mail >= 30%", "users without mail >= 300"),
        ("users without mail >= 30.05%", "users without mail >= 301"),
        ("users without mail > 12", "users without mail >= 13"),
        ("T+2h", "from T+2h"),
        ("Tue 09:30", "from Tue 09:30"),
        ("alert.first + 1m", "from alert.first + 1m"),
        ("not users.told by alert.first + 30m", "users.told not by alert.first + 30m"),
        ("users.told by T+2h", "users.told by T+2h"),
        ("not users.told", "before users.told"),
        ("queue > 1 or calls > 2 and T+1h", "(queue >= 2 or (calls >= 3 and from T+1h))"),
        ("(queue > 1 or calls > 2) and T+1h", "((queue >= 2 or calls >= 3) and from T+1h)"),
        ("not (queue > 1 or not T+1h)", "(queue < 2 and from T+1h)"),
        ("not not bounced > 0", "bounced >= 1"),
        ("bounce.by-hand and queue > 1", "(from bounce.by-hand and queue >= 2)"),
        ("  queue   >  7\n and   T+1h ", "(queue >= 8 and from T+1h)"),
    ],
)
def test_a_condition_is_read(text: str, expected: str) -> None:
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "", "is empty"),
        ("quue > 5", "at character 1", "'quue' cannot be compared; choose from queue, oldest"),
        ("queue", "at character 1", "'queue' is a quantity; compare it, as in `queue > 5000`"),
        ("T+1h and oldest > 5", "at character 10", "'5' is not a duration"),
        ("queue > 30 %", "at character 1", "is compared with a whole number"),
        ("users without mail > 101 %", "at character 1", "is above 100 %"),
        ("queue = 5", "at character 1", "'=' is not a comparison"),
        ("queue > 5 and", "at the end", "a comparison or a moment is missing"),
        ("(queue > 5", "at the end", "a closing parenthesis is missing"),
        ("queue > 5)", "at character 10", "')' is not expected here"),
        ("users.tld", "at character 1", "did you mean users.told?"),
        ("users.told by", "at character 1", "the moment after `by` is missing"),
        ("queue by T+1h", "at character 1", "'queue' is a quantity; compare it"),
        ("alert.open + 1m", "at character 1", "write alert.first"),
        ("outage.end - 1h", "at character 1", "cannot be known before"),
        ("not " * 30 + "queue > 1", "at character", "more than 20"),
        (" or ".join(["queue > 1"] * 60), "", "more than 50 terms"),
        ("queue > 1 " * 400, "", "longer than 2,000 characters"),
        ("__import__('os').system('x')", "at character 1", "is not a time"),
    ],
)
def test_a_mistake_has_its_place(text: str, where: str, what: str) -> None:
    with pytest.raises(BadCondition) as found:
        parse_condition(text)
    message = str(found.value)
    assert where in message
    assert what in message
    assert "\n" not in message


LEAVES = [
    "queue > 5",
    "oldest < 2h",
    "users without mail > 3 %",
    "T+1h",
    "users.told by T+2h",
    "alert.first + 1m",
]
CONDITIONS = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=12,
)


@examples(50)
@given(CONDITIONS)
def test_a_denial_denied_is_the_condition_again(text: str) -> None:
    condition = parse_condition(text)
    assert denied(denied(condition.term)) == condition.term
    assert parse_condition(condition.text) == condition
    assert set(condition.milestones) <= set(MILESTONES)


@pytest.mark.fuzz
@tries(50)
@given(st.text(alphabet="quetoldsan.+-<>=()0123456789hT%:' ", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadCondition):
        assert parse_condition(text).text == " ".join(text.split())
