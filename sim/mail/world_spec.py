"""Everything that affects the mail of one drill, as numbers: the input of a `World`."""

from collections.abc import Callable
from typing import Literal

from sim.kernel.data_files import DataFiles
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.mailshots import WeeklyMailshot
from sim.mail.message.receiver_draws import Sharers
from sim.mail.message.traffic import Stream
from sim.mail.message.weekly_curve import Volume, Week
from sim.mail.queue.attempt_times import Offsets
from sim.mail.queue.receiver import Receiver
from sim.mail.routes.inbound import GATEWAY, BackupSpec
from sim.mail.routes.zone import ZoneSpec
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.server.guard import Gates
from sim.mail.server.mailbox_limit import MailboxRules
from sim.mail.server.pressure_gauge import BackPressureSpec
from sim.mail.server.throttle import ThrottleRules

MailWay = Literal["inbound", "outbound"]
"""A direction of mail through the gateway."""

SERVER = "server"
"""The name of the mail server in keyed draws."""


def unknown_correspondents() -> CorrespondentTable:
    """For worlds in which the hosts of the MX record are always up."""
    raise ValueError("the correspondents are not given")


@frozen
class FullRules:
    """A limit for the queue, which is checked every `every_ms`. With `most` messages or more the gateway
    defers mail, with `room` or fewer it accepts mail again. `reply`: the answer while it defers.
    """

    most: int
    room: int
    every_ms: int
    reply: str


@frozen
class FilterSpec:
    """The capacity of the gateway's filter for one direction of mail."""

    usual: Receiver
    """The number of messages that the filter processes at a time, and the time for each, in normal
    operation.
    """
    full: FullRules


@frozen
class WorldSpec:
    """Everything that affects the mail of one drill."""

    files: DataFiles
    """The data files that describe platforms, resolvers and delays of DNS publication."""
    seed: int
    starts_utc_ms: int
    week: Week
    per_workday: tuple[int, int, int]
    """Messages per plain working day in the whole organisation: inbound, outbound, internal."""
    offsets: Offsets
    limit_ms: int
    last_try: bool
    receiver: Receiver
    life_permille: tuple[int, ...]
    life_ms: tuple[int, ...]
    """The useful life of each kind of inbound mail; NEVER_MS if it stays useful."""
    reconnect_ms: int
    """The maximum time that a user's client needs to find the mail server again once it is back."""
    most_attempts: int | None = None
    """The number of failed attempts at which the gateway bounces a message, regardless of age; None: no
    such limit.
    """
    back_pressure: BackPressureSpec | None = None
    """How the mail server responds when it accepts more mail than it can process; None: it processes all
    mail immediately.
    """
    correspondents: Callable[[], CorrespondentTable] = unknown_correspondents
    """The organisations that send mail; requested when the sending hop is first simulated."""
    server_platform: str = "exchange-server"
    """The platform whose retry schedule the mail server's outbound queue follows."""
    backup_platform: str = "mimecast"
    """The platform whose retry schedule the backup's queue follows."""
    backup: BackupSpec = BackupSpec()
    zone: ZoneSpec = ZoneSpec(GATEWAY, HOUR_MS)
    gates: Gates = Gates()
    """The protection of the mail server apart from the gateway."""
    sizes_bytes: tuple[int, ...] = (60_000, 60_000)
    """Equally spaced quantiles of a message's size."""
    throttle: ThrottleRules | None = None
    """The amount of mail that the mail server accepts from the backup before it defers the rest; None: no
    limit.
    """
    mailboxes: MailboxRules | None = None
    """The hourly limit for a single mailbox; None: no limit."""
    busy_permille: int = 0
    """Share of inbound mail that goes to one busy mailbox; see `recipients`."""
    lists_every_ms: int = 15 * MINUTE_MS
    """The interval at which bulk senders enter permanent rejections in their lists."""
    habits: Habits = Habits()
    """The shares of mail that users send again when it does not arrive."""
    mailshots: tuple[tuple[WeeklyMailshot, ...], tuple[WeeklyMailshot, ...], tuple[WeeklyMailshot, ...]] = (
        (),
        (),
        (),
    )
    """Mailshots in addition to `per_workday`: inbound, outbound, internal."""
    filter: FilterSpec | None = None
    """The filter's capacity, the same for inbound and outbound mail; None: unlimited, so that a backlog
    passes at once when the filter recovers.
    """
    standing_counts: tuple[bool, bool] = (True, True)
    """True if a message's age continues to grow while deliveries are paused, and while the gateway is
    dead.
    """

    def senders(self, ids: I64, of: Sharers) -> I64:
        """The number of each message's outside sender, or of its network or platform."""
        return self.correspondents().groups(ids, of)

    def stream(self, direction: int) -> Stream:
        """The messages of INBOUND, OUTBOUND or INTERNAL."""
        volume = Volume(self.week, self.per_workday[direction], self.mailshots[direction])
        return Stream(self.seed, direction, volume, self.starts_utc_ms)
