"""The rule file of `mxdrill lab --rules`: the actions of a test server at each point of an SMTP session."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from sim.kernel.document import DurationMs, Record, read_document
from sim.kernel.duration import HOUR_MS

Point = Literal["connect", "mail", "rcpt", "data", "end"]
"""Point of a session at which a rule acts: the greeting, MAIL, RCPT, DATA, or the reply after the end of
the message.
"""

_REPLY = re.compile(r"([45])\d\d (?:([45])\.\d{1,3}\.\d{1,3} )?[ -~]{1,480}")


def _reply(text: str) -> str:
    found = _REPLY.fullmatch(text)
    if found is None or found[2] not in {None, found[1]}:
        raise ValueError(
            f"{text!r} is not a 4xx or 5xx reply on one line; write one such as 451 4.7.1 Try again later"
        )
    return text


class When(Record):
    """The attempts to which a rule applies; all keys that are given must match."""

    sender: Annotated[str, Field(alias="from", min_length=1, max_length=254)] = "*"
    """Envelope sender; `*` and `?` are wildcards, and case does not matter."""
    rcpt: Annotated[str, Field(min_length=1, max_length=254)] = "*"
    """Recipient; wildcards and case as in `sender`."""
    nth: Annotated[int, Field(ge=1)] | None = None
    """Number of the only attempt to which the rule applies, from 1. Attempts are counted for each pair of
    sender and recipient; at `mail`, for each sender; at `connect`, over all connections.
    """


class Rule(Record):
    """One rule. The first rule that matches decides."""

    when: When = When()
    at: Point = "rcpt"
    reply: Annotated[str, AfterValidator(_reply)] | None = None
    """The reply that is sent instead of an acceptance."""
    delay_ms: Annotated[DurationMs, Field(ge=1, le=HOUR_MS)] | None = Field(default=None, alias="delay")
    """Time that the server waits before it replies."""
    drop: bool = False
    """True if the connection is cut without a reply."""
    times: Annotated[int, Field(ge=1)] | None = None
    """Number of attempts to which the rule applies, counted as for `nth`; later attempts are accepted."""

    @model_validator(mode="after")
    def _does_something(self) -> "Rule":
        if not (self.reply or self.delay_ms or self.drop):
            raise ValueError("the rule does nothing; give `reply`, `delay` or `drop`")
        if self.reply and self.drop:
            raise ValueError("`drop` cuts the connection without a reply; remove `reply` or `drop`")
        if self.at in {"connect", "mail"} and self.when.rcpt != "*":
            raise ValueError(f"the recipient is not known at `{self.at}`; write `at: rcpt`, `data` or `end`")
        if self.at == "connect" and self.when.sender != "*":
            raise ValueError("the sender is not known at `connect`; write `at: mail` or later")
        if self.at == "connect" and self.delay_ms:
            raise ValueError("a greeting cannot be delayed; write `at: mail`")
        return self


class RuleFile(Record):
    """A list of rules."""

    mxdrill: Literal[1]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=1_000)]


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules in the file at `path`. Raises BadFile."""
    return read_document(path, RuleFile).rules


@dataclass(frozen=True, slots=True)
class RuleAttempt:
    """The facts known about an attempt at one point of a session.

    `number`: the attempts of this sender and recipient so far, this one included; see `When.nth`.
    """

    at: Point
    number: int
    sender: str = ""
    recipient: str = ""


def deciding(rules: Sequence[Rule], tried: RuleAttempt) -> Rule | None:
    """The first rule that matches; None if the attempt is accepted."""
    return next((rule for rule in rules if _matches(rule, tried)), None)


def _matches(rule: Rule, tried: RuleAttempt) -> bool:
    when = rule.when
    return (
        rule.at == tried.at
        and when.nth in {None, tried.number}
        and (rule.times is None or tried.number <= rule.times)
        and fnmatchcase(tried.sender.lower(), when.sender.lower())
        and fnmatchcase(tried.recipient.lower(), when.rcpt.lower())
    )
