"""The trainee's view of mail routes: zone, connector and lock, and the results of tests."""

from typing import Literal

from sim.kernel.frozen import frozen


@frozen
class Seen:
    """The source of an observation, and its moment."""

    by: str
    """The instrument: `gateway console`, `mail server's console`, `helpdesk`, …"""
    at_ms: int


@frozen
class MxVersionView:
    """A version of the MX record as it was entered."""

    t_ms: int
    by: str
    hosts: tuple[str, ...]
    """Hosts in order of preference."""
    ttl_s: int


@frozen
class MxAnswerView:
    """A resolver's last answer; its answer now may differ."""

    source: str
    """`authority`, `own`, or the public resolver's name."""
    hosts: tuple[str, ...]
    ttl_left_s: int
    """Its remaining TTL at that moment, ms."""
    asked_ms: int


@frozen
class ArrivalsView:
    """One half hour of the last check of the logs."""

    from_ms: int
    gateway: int | None
    """None: its console did not give figures."""
    backup: int
    server: int
    """Accepted by the mail server, by any route."""
    usual: int
    """Mail that arrived in the same half hour a week before."""


@frozen
class DnsView:
    """The organisation's zone. The senders that have seen a change are unknown."""

    hosts: tuple[str, ...]
    """The MX record as last entered, by preference."""
    ttl_s: int
    authority: tuple[str, ...]
    """The answer of the zone's own servers: they lag behind the editor."""
    authority_ttl_s: int
    versions: tuple[MxVersionView, ...] = ()
    """Versions entered in this drill, in order."""
    answers: tuple[MxAnswerView, ...] = ()
    """The last answer of every server queried."""
    policy_mode: Literal["none", "testing", "enforce"] = "none"
    policy_hosts: tuple[str, ...] = ()
    """Hosts in the MTA-STS policy on the web server."""
    policy_changed_ms: int | None = None
    id_changed_ms: int | None = None
    arrivals_looked_ms: int | None = None
    """The moment of the last check of the logs; None if there was none yet."""
    arrivals: tuple[ArrivalsView, ...] = ()


@frozen
class TestView:
    """A test or a check, and its result at that time; the present state may differ."""

    t_ms: int
    by: str
    what: str
    """The command: `connector test gmail`, `lock test`, `backup check`, …"""
    found: str


@frozen
class ConnectorView:
    """The mail server's connector to the outside, as its own console shows it."""

    path: Literal["gateway", "secondary", "direct"]
    since_ms: int | None
    """The moment it was changed to this; None: as before the drill."""
    waiting: int
    """Messages in the mail server's queue for it, at `seen`."""
    seen: Seen
    no_answer_ms: int | None = None
    """The moment a command last failed at that console, while it does not answer; None: none has."""


@frozen
class LockView:
    """Protection of the mail server against hosts other than the gateway, as configured now."""

    lock: Literal["open", "rejects", "quarantines"]
    lets_in: tuple[str, ...]
    """Sources other than the gateway whose mail lock and firewall let through: `backup`, `internet`."""
    firewall: tuple[str, ...] | None
    """Sources that the firewall lets in; None: there is no firewall in front of the mail server."""
    changed_ms: int | None
    """The last change of any of these; None: as before the drill."""


FilterState = Literal[
    "none of its own",
    "in force, evaluates the backup as the sender",
    "in force, with enhanced filtering",
    "skipped by a rule",
]


@frozen
class FilterView:
    """The mail server's own spam filter, as its console shows it at the moment of ConnectorView.seen."""

    state: FilterState
    since_ms: int | None
    """The moment that was set; None: as before the drill."""


@frozen
class ProtectionView:
    """Bypasses of the gateway: settings, results of tests, and the time that each has been open."""

    connector: ConnectorView
    lock: LockView
    filter: FilterView
    tests: tuple[TestView, ...] = ()
    """The last result of each test and check, in order of time."""
    open_ms: int = 0
    """Time for which lock, firewall or filter have been open, by the register of openings."""
    not_approved_ms: int = 0
    """The part of it without a valid approval."""
    open_now: bool = False
    """True if that clock is running."""


NO_PROTECTION = ProtectionView(
    ConnectorView("gateway", None, 0, Seen("", 0)),
    LockView("open", (), (), None),
    FilterView("none of its own", None),
)
