"""Reads the text of a condition, in the forms that `condition` lists. Pure."""

import re
from collections.abc import Iterator

from sim.drill.scenario.anchor import (
    ALERT_OPEN,
    Anchor,
    BadAnchor,
    Since,
    check_milestone,
    parse_anchor,
)
from sim.drill.scenario.condition import (
    QUANTITIES,
    BadCondition,
    Both,
    Comparison,
    Either,
    InTime,
    Reached,
    StateCondition,
    Term,
    denied,
)
from sim.kernel.duration import parse_duration

FORMS = (
    "queue > 5000, oldest > 12h, users without mail > 30 %, calls > 50, bounced > 0, a moment such as T+2h, "
    "or not users.told by T+2h, joined by `and`, `or`, `not`"
)
DEEPEST = 20
"""Maximum depth to which parentheses and `not` can be nested."""
MOST_TERMS = 50
LONGEST = 2_000
"""Maximum length of a condition, in characters."""

_JOINING = frozenset({"and", "or", "not", "by", "(", ")"})
_JOINTS = re.compile(r"\(|\)|(?<![\w.-])(?:and|or|not|by)(?![\w.-])")
_COMPARISON = re.compile(r"([a-z][a-z ]*?)\s*(>=|<=|=>|=<|==|=|>|<)\s*(.*)")
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def parse_condition(text: str) -> StateCondition:
    """The condition written as `text`. Raises BadCondition."""
    words = " ".join(text.split())
    if not words:
        raise BadCondition(f"is empty; write {FORMS}")
    if len(words) > LONGEST:
        raise BadCondition(f"is longer than {LONGEST:,} characters; write several injects")
    term = _ConditionReader(words).whole()
    found = StateCondition(words, term)
    if len(found.leaves) > MOST_TERMS:
        raise BadCondition(f"has more than {MOST_TERMS} terms; write several injects")
    return found


class _ConditionReader:
    """Recursive descent over the words of one condition."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._tokens = list(_tokens(words))
        self._next = 0
        self._depth = 0

    def whole(self) -> Term:
        term = self._either()
        if self._peek():
            raise self._wrong(f"{self._peek()!r} is not expected here")
        return term

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _take(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._next += 1
        return True

    def _wrong(self, what: str) -> BadCondition:
        if self._next < len(self._tokens):
            return BadCondition(f"at character {self._tokens[self._next][1] + 1}: {what}; write {FORMS}")
        return BadCondition(f"at the end: {what}; write {FORMS}")

    def _either(self) -> Term:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Term:
        parts = [self._factor()]
        while self._take("and"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _factor(self) -> Term:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"more than {DEEPEST} nested parentheses and `not`")
        try:
            if self._take("not"):
                return denied(self._factor())
            if self._take("("):
                term = self._either()
                if not self._take(")"):
                    raise self._wrong("a closing parenthesis is missing")
                return term
            return self._leaf()
        finally:
            self._depth -= 1

    def _leaf(self) -> Term:
        text = self._peek()
        if not text or text in _JOINING:
            raise self._wrong("a comparison or a moment is missing")
        start = self._tokens[self._next][1]
        self._next += 1
        try:
            if compared := _COMPARISON.fullmatch(text):
                return _comparison(*compared.groups())
            return self._in_time(text) if self._take("by") else Reached(_anchor(text))
        except ValueError as error:
            raise BadCondition(f"at character {start + 1}: {_reason(text, error)}") from None

    def _in_time(self, text: str) -> Term:
        milestone, by = check_milestone(text), self._peek()
        if not by or by in _JOINING:
            raise BadCondition("the moment after `by` is missing; write users.told by T+2h")
        self._next += 1
        return InTime(milestone, _anchor(by))


def _tokens(words: str) -> Iterator[tuple[str, int]]:
    """Joining words, parentheses, and the text between them; each with its position."""
    reached = 0
    for joint in _JOINTS.finditer(words):
        yield from _between(words, reached, joint.start())
        yield joint[0], joint.start()
        reached = joint.end()
    yield from _between(words, reached, len(words))


def _between(words: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    text = words[start:end]
    if text.strip():
        yield text.strip(), start + len(text) - len(text.lstrip())


def _reason(text: str, error: ValueError) -> str:
    if isinstance(error, BadAnchor) and text in QUANTITIES:
        return f"{text!r} is a quantity; compare it, as in `{text} > {_EXAMPLES[QUANTITIES[text]]}`"
    return str(error)


_EXAMPLES = {"messages": "5000", "time": "12h", "calls": "50", "users": "30 %"}


def _anchor(text: str) -> Anchor:
    anchor = parse_anchor(text)
    if anchor.for_alert:
        raise BadCondition(f"{ALERT_OPEN} recurs; write alert.first")
    if any(isinstance(one, Since) and one.offset_ms < 0 for one in anchor.moments):
        raise BadCondition(f"{text!r} cannot be known before that milestone; count from an earlier one")
    return anchor


def _comparison(quantity: str, sign: str, limit: str) -> Comparison:
    if quantity not in QUANTITIES:
        raise BadCondition(f"{quantity!r} cannot be compared; choose from {', '.join(QUANTITIES)}")
    if sign not in {">", ">=", "<", "<="}:
        raise BadCondition(f"{sign!r} is not a comparison; write >, >=, < or <=")
    unit = QUANTITIES[quantity]
    share = False
    if unit == "time":
        value = parse_duration(limit)
    elif unit == "users" and (found := _PERCENT.fullmatch(limit)):
        value, share = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")), True
        if value > 10_000:
            raise BadCondition(f"{limit!r} is above 100 %; write 0 % to 100 %")
    elif _NUMBER.fullmatch(limit):
        value = int(limit)
    else:
        wanted = "a number of users, or a share such as 30 %" if unit == "users" else "a whole number"
        raise BadCondition(f"{quantity} is compared with {wanted}, not with {limit!r}")
    below = sign in {"<", "<="}
    return Comparison(quantity, value, beyond=sign in {">", "<="}, below=below, share=share)
