"""What a trainee may see of the ways of mail: the zone, connector and lock, and what tests of them showed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Seen:
    """Where an observation is from, and the moment that it is of."""

    by: str
    """The instrument: `gateway console`, `mail server's console`, `helpdesk`, …"""
    at_ms: int


@dataclass(frozen=True, slots=True)
class MxVersionView:
    """A version of the MX record that somebody entered."""

    t_ms: int
    by: str
    hosts: tuple[str, ...]
    """By preference."""
    ttl_s: int


@dataclass(frozen=True, slots=True)
class MxAnswerView:
    """What a resolver said when it was last asked; it may say something else by now."""

    source: str
    """`authority`, `own`, or the public resolver's name."""
    hosts: tuple[str, ...]
    ttl_left_s: int
    """How much longer the answer lived then."""
    asked_ms: int


@dataclass(frozen=True, slots=True)
class ArrivalsView:
    """One half hour of the last look at the logs."""

    from_ms: int
    gateway: int | None
    """None: its console gave no figures."""
    backup: int
    server: int
    """Taken by the mail server, whichever way."""
    usual: int
    """What came to the organisation in the same half hour a week before."""


@dataclass(frozen=True, slots=True)
class DnsView:
    """The organisation's zone. Which senders have seen a change is nobody's to know."""

    hosts: tuple[str, ...]
    """The MX record as last entered, by preference."""
    ttl_s: int
    authority: tuple[str, ...]
    """What the zone's own servers answer: they lag behind the editor."""
    authority_ttl_s: int
    versions: tuple[MxVersionView, ...] = ()
    """What was entered in this drill, in order."""
    answers: tuple[MxAnswerView, ...] = ()
    """The last answer of everybody who was asked."""
    policy_mode: Literal["none", "testing", "enforce"] = "none"
    policy_hosts: tuple[str, ...] = ()
    """Hosts that the MTA-STS policy names, as the web server gives it out."""
    policy_changed_ms: int | None = None
    id_changed_ms: int | None = None
    arrivals_looked_ms: int | None = None
    """When somebody last looked at the logs; None: nobody has."""
    arrivals: tuple[ArrivalsView, ...] = ()


@dataclass(frozen=True, slots=True)
class TestView:
    """A test, or a look at something, and what it showed then; it may be otherwise by now."""

    t_ms: int
    by: str
    what: str
    """The command: `connector test gmail`, `lock test`, `backup check`, …"""
    found: str


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """The mail server's connector to the outside, as its own console shows it."""

    path: Literal["gateway", "secondary", "direct"]
    since_ms: int | None
    """When it was changed to this; None: as before the drill."""
    waiting: int
    """Messages in the mail server's queue for it, at `seen`."""
    seen: Seen
    no_answer_ms: int | None = None
    """When somebody last tried that console in vain, while it does not answer; None: nobody has."""


@dataclass(frozen=True, slots=True)
class LockView:
    """What keeps others than the gateway from the mail server, as configured now."""

    lock: Literal["open", "rejects", "quarantines"]
    lets_in: tuple[str, ...]
    """Whose mail gets to mailboxes beside the gateway's, by lock and firewall: `backup`, `internet`."""
    firewall: tuple[str, ...] | None
    """Whom the firewall lets in; None: none of the organisation's stands before its mail server."""
    changed_ms: int | None
    """The last change of any of these; None: as before the drill."""


FilterState = Literal[
    "none of its own",
    "in force, evaluates the backup as the sender",
    "in force, with enhanced filtering",
    "skipped by a rule",
]


@dataclass(frozen=True, slots=True)
class FilterView:
    """The mail server's own spam filter, as its console shows it at the moment of ConnectorView.seen."""

    state: FilterState
    since_ms: int | None
    """When that was set; None: as before the drill."""


@dataclass(frozen=True, slots=True)
class ProtectionView:
    """The ways round the gateway: what is set, what tests showed, and how long it has been open."""

    connector: ConnectorView
    lock: LockView
    filter: FilterView
    tests: tuple[TestView, ...] = ()
    """The last result of each test and look, in order of time."""
    open_ms: int = 0
    """How long lock, firewall or filter have stood open, by the register of openings."""
    not_approved_ms: int = 0
    """The part of it without an approval in force."""
    open_now: bool = False
    """Whether that clock runs."""


NO_PROTECTION = ProtectionView(
    ConnectorView("gateway", None, 0, Seen("", 0)),
    LockView("open", (), (), None),
    FilterView("none of its own", None),
)
