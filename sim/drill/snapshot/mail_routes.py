"""The trainee's view of mail routes: zone, connector and lock, and the results of tests."""

from typing import Literal

from sim.kernel.frozen import frozen


@frozen
class Seen:
    """The source of an observation, and its moment."""

    by: str
    """The source: `gateway console`, `mail server's console`, `helpdesk`, …"""
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
    """A resolver's last answer; the resolver may answer differently now."""

    source: str
    """`authority`, `own`, or the name of a public resolver."""
    hosts: tuple[str, ...]
    ttl_left_s: int
    """Remaining TTL of the answer when it was given, in seconds."""
    asked_ms: int


@frozen
class ArrivalsView:
    """One half hour of the last check of the logs."""

    from_ms: int
    gateway: int | None
    """Messages accepted by the gateway; None if its console did not give figures."""
    backup: int
    server: int
    """Messages accepted by the mail server, by any route."""
    usual: int
    """Messages that arrived in the same half hour one week earlier."""


@frozen
class DnsView:
    """The organisation's zone. The senders that have seen a change are unknown."""

    hosts: tuple[str, ...]
    """The hosts in the MX record as last entered, in order of preference."""
    ttl_s: int
    authority: tuple[str, ...]
    """The hosts in the answer from the zone's own servers, which lag behind the editor."""
    authority_ttl_s: int
    versions: tuple[MxVersionView, ...] = ()
    """Versions of the record entered in this drill, in chronological order."""
    answers: tuple[MxAnswerView, ...] = ()
    """The last answer from every server queried."""
    policy_mode: Literal["none", "testing", "enforce"] = "none"
    policy_hosts: tuple[str, ...] = ()
    """Hosts in the MTA-STS policy on the web server."""
    policy_changed_ms: int | None = None
    id_changed_ms: int | None = None
    arrivals_looked_ms: int | None = None
    """The time of the last check of the logs; None if the logs have not been checked."""
    arrivals: tuple[ArrivalsView, ...] = ()


@frozen
class TestView:
    """A test or a check, with its result at that time; the present state may differ."""

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
    """The time at which the route was changed to this; None if it is as before the drill."""
    waiting: int
    """Messages queued in the mail server for this connector, at `seen`."""
    seen: Seen
    no_answer_ms: int | None = None
    """The time at which a command last failed in the console, if the console does not answer; None if it
    answers.
    """


@frozen
class LockView:
    """Protection of the mail server against hosts other than the gateway, as configured now."""

    lock: Literal["open", "rejects", "quarantines"]
    lets_in: tuple[str, ...]
    """Sources other than the gateway whose mail passes lock and firewall: `backup`, `internet`."""
    firewall: tuple[str, ...] | None
    """Sources that the firewall admits; None if there is no firewall in front of the mail server."""
    changed_ms: int | None
    """The time of the last change of lock or firewall; None if nothing has changed since before the drill."""


FilterState = Literal[
    "none of its own",
    "in force, treats the backup as the sender",
    "in force, with enhanced filtering",
    "skipped by a rule",
]


@frozen
class FilterView:
    """The mail server's own spam filter, as its console shows it at the moment of ConnectorView.seen."""

    state: FilterState
    since_ms: int | None
    """The time at which this state was set; None if it is as before the drill."""


@frozen
class ProtectionView:
    """Bypasses of the gateway: settings, results of tests, and how long each has been open."""

    connector: ConnectorView
    lock: LockView
    filter: FilterView
    tests: tuple[TestView, ...] = ()
    """The last result of each test and check, in chronological order."""
    open_ms: int = 0
    """How long lock, firewall or filter have been open, according to the register of openings."""
    not_approved_ms: int = 0
    """The part of `open_ms` without a valid approval."""
    open_now: bool = False
    """True if lock, firewall or filter is open now."""


NO_PROTECTION = ProtectionView(
    ConnectorView("gateway", None, 0, Seen("", 0)),
    LockView("open", (), (), None),
    FilterView("none of its own", None),
)
