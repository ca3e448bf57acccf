"""The file of a sending platform: every number with its source and its confidence."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from sim.kernel.document import Record

Confidence = Literal["vendor", "rfc", "measured", "derived", "assumed"]
"""vendor: in the vendor's documents or source code. rfc: in a standard. measured: seen on a real server.
derived: calculated from one of these. assumed: not published, and shown as assumed everywhere.
"""

RetryKind = Literal[
    "offsets", "aged-backoff", "host-clock", "next-hop-clock", "polynomial", "queue-runs", "groups", "never"
]
Role = Literal[
    "gaps", "lifetime", "expiry", "attempts", "notice_after", "scan", "backoff_min", "backoff_max", "rule",
    "rule_max", "coefficient", "skip", "glitch_count", "glitch_gap", "transient_count", "transient_gap",
    "steady_gap", "message_gap", "min_queue_age", "alpha", "beta", "gamma", "max_delta", "suppress",
    "connect_timeout", "kernel_timeout", "null_lifetime", "concurrency", "initial_concurrency",
    "cohort_limit", "greeting_timeout", "schedule", "route_pause", "connection_growth", "session_messages",
    "keep_connection", "wait_block", "queue_runners", "after_success",
    "domain_memory", "most_released", "deferral_time", "refusal_time", "notice_early",
    "fast_open", "connection_gap", "reconnect_pause", "first_route_check", "route_check", "session_failures",
    "hold_from", "hold_to", "hold_step", "least_loaded", "most_loaded", "refill",
    "most_held", "overflow_unit",
]  # fmt: skip
"""What a parameter means in the simulation; the parameter keeps the name that the product gives it."""

FailureName = Literal["refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "defer", "reject"]
LookupName = Literal["servfail", "nxdomain", "no_data", "null_mx", "dangling_mx"]
BounceCause = Literal["refused", "timeout", "greeting_4xx", "greeting_5xx", "defer", "reject"]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Status = Annotated[str, StringConstraints(pattern=r"^(the reply's own|none|[245]\.\d{1,3}\.\d{1,3})$")]


class Sourced(Record):
    """A known fact with its origin. `source` is a key of the file's `sources`."""

    source: str
    confidence: Confidence
    note: str = ""


class PlatformSetting(Sourced):
    """A setting that `--set` takes, under the product's own name, in the product's own notation."""

    value: str | int
    type: Literal["duration", "durations", "timespan", "gaps", "count", "choice", "exim-retry"]
    role: Role
    means: str
    choices: tuple[str, ...] = ()
    least: str | int = ""
    """The smallest valid value, in the same notation."""
    fixed: bool = False
    """True if the value is compiled in, or if customers cannot change it. `--set` refuses to change it."""
    bare: str = ""
    """The product's unit for a bare number, if it is not seconds."""


class StatusFact(Sourced):
    """The enhanced status code (RFC 3463) in a notice or bounce."""

    value: Status


class Fallback(Sourced):
    """What happens to a message next when the preferred MX host fails in this way: another host at once, a
    wait for the message's own next attempt, or a bounce. `next-or-bounce`: another host; after the last
    host, a bounce.
    """

    value: Literal["next", "stay", "bounce", "next-or-bounce"]


class LookupFact(Sourced):
    """What happens to a message next when the resolver names no host for its domain."""

    value: Literal["wait", "bounce"]
    status: Status | Literal[""] = ""
    """The product's own enhanced status code, where it is known."""


class OtherMail(Sourced):
    """The effect of a failed attempt on other mail for the same destination."""

    value: Literal[
        "none", "dead-destination", "host-record", "shared-queue", "shared-connection", "suppressed"
    ]
    pause: str = ""
    """Pauses that are not part of the retry schedule itself."""


class Return(Sourced):
    """How the platform behaves when the destination recovers."""

    value: Literal["own-timers", "all-at-once", "next-run", "never"]
    avoids_primary: str = ""
    """How long a failed host is not tried again."""
    keeps_connections: str = ""


class Drain(Sourced):
    """How a backlog drains: the number of connections, its growth, and the order of messages."""

    connections: int | None
    grows: str
    order: Literal["arrival", "newest-first", "newest-block-first", "by-due-time", "none", "unknown"]


class Notice(Sourced):
    """The delay notice (DSN `delayed`): its time, number and recipient."""

    when: Literal["at-failure", "at-look", "at-limit", "next-too-late", "off"]
    repeats: bool
    to: str


class SuppressionRule(Sourced):
    """The account that stops sending to an address after a permanent rejection."""

    value: Literal["account"]


class CitedSource(Record):
    """A document, a source file or a measurement."""

    title: str
    url: str = ""


class PlatformFile(Record):
    """A sending platform: its retry rule, and everything else that it does in an outage."""

    mxdrill: Literal[1]
    id: Id
    name: str
    version: str = ""
    what: str
    retry: RetryKind
    sources: dict[str, CitedSource]
    parameters: dict[str, PlatformSetting]
    schedules: dict[str, dict[str, str]] = Field(default_factory=dict)
    notice: Notice
    bounce_status: dict[BounceCause, StatusFact]
    """The status codes for the four causes that all files name; `greeting_4xx` only where it differs from
    `refused`.
    """
    fallback: dict[FailureName, Fallback]
    lookups: dict[LookupName, LookupFact] = Field(default_factory=dict)
    """The platform's own rules for look-ups, where they are known; RFC 5321 §5.1 and RFC 7505 cover the
    rest.
    """
    other_mail: OtherMail
    on_return: Return
    drain: Drain
    suppression: SuppressionRule | None = None
    """How the platform suppresses addresses; None if the next message to a permanently rejected address is
    still sent.
    """
    contradictions: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()

    @property
    def settable(self) -> tuple[str, ...]:
        """The names that `--set` accepts, apart from the phase of a scan."""
        return tuple(name for name, parameter in self.parameters.items() if not parameter.fixed)

    @property
    def facts(self) -> tuple[tuple[str, Sourced], ...]:
        """Every sourced number and behaviour, with its place in the file."""
        return (
            *((f"parameters.{name}", parameter) for name, parameter in self.parameters.items()),
            ("notice", self.notice),
            *((f"bounce_status.{cause}", fact) for cause, fact in self.bounce_status.items()),
            *((f"fallback.{cause}", fact) for cause, fact in self.fallback.items()),
            *((f"lookups.{found}", fact) for found, fact in self.lookups.items()),
            ("other_mail", self.other_mail),
            ("on_return", self.on_return),
            ("drain", self.drain),
            *([("suppression", self.suppression)] if self.suppression is not None else []),
        )

    @model_validator(mode="after")
    def _is_coherent(self) -> "PlatformFile":
        for where, fact in self.facts:
            if fact.source not in self.sources:
                raise ValueError(f"`{where}` names the source {fact.source!r}; add it under `sources`")
            if (fact.source == "assumption") and fact.confidence != "assumed":
                raise ValueError(
                    f"`{where}` has an assumption as its source, but its confidence is {fact.confidence}"
                )
        roles = [parameter.role for parameter in self.parameters.values()]
        for role in roles:
            if roles.count(role) > 1:
                raise ValueError(f"two parameters have the role {role!r}; keep one of them")
        for name, overrides in self.schedules.items():
            for parameter in overrides:
                if parameter not in self.parameters:
                    raise ValueError(f"`schedules.{name}` sets {parameter!r}, which is not a parameter")
        return self
