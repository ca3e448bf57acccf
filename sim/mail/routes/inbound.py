"""Mail from the internet, up to the queue from which it is delivered.

While nothing is wrong with the hosts that the MX record names, mail passes in the millisecond in
which it is written, and nobody asks who sent it. From the first trouble on the sending hop is
modelled. The gateway's hosts can *accept and hold*: what they have taken waits inside until they
work again. A backup takes mail into a queue of its own, from which it relays to the mail server.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.growing_columns import Columns
from sim.kernel.series import Times
from sim.mail.message.traffic import EMPTY, Messages
from sim.mail.message.written_at import Written
from sim.mail.routes.moved_share import Moved
from sim.mail.senders.arrivals import FOR_GOOD, Arrivals
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.greylist import Greylist
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from sim.mail.senders.hosts.mx_routes import Version

GATEWAY = ("gateway-1", "gateway-2")
BACKUP, DIRECT = "backup", "server"
HOSTS = (*GATEWAY, BACKUP, DIRECT)
"""Every host that an MX record of the organisation can name; arrivals give an index into it."""


ANSWERED_MS = 600_000
"""Nobody waits longer for the answer to the end of a message (RFC 5321 section 4.5.3.2.6)."""


@dataclass(frozen=True, slots=True)
class Come:
    """Messages that come to a queue, and when each was written. Columns of equal length."""

    id: I64
    arrival_ms: I64
    written_ms: I64


@dataclass(frozen=True, slots=True)
class BackupSpec:
    """What the backup MX can take at a time (None: anything), and for how long each message keeps it.

    `greylist_ms`: how long a first contact is put off; `by_pair`: whether that is one for each recipient.
    """

    servers: int | None = None
    service_ms: int = 0
    greylist_ms: int = 0
    by_pair: bool = False


class Inbound:
    """See the module. Everything before `now_ms` has happened."""

    def __init__(
        self,
        seed: int,
        sent: Callable[[int, int], Messages],
        who: Callable[[], CorrespondentTable],
        backup: BackupSpec,
        recipients: Callable[[I64], NDArray[np.int32]],
    ) -> None:
        """`sent`: what leaves its writer's platform in [a, b). `who` tells the correspondents, and is not
        asked before the sending hop is modelled or somebody wants to know who wrote; `recipients`: to whom
        messages go.
        """
        self._sent, self.who = sent, who
        self.hosts = {name: ReceivingHost(name, seed) for name in HOSTS}
        self.hosts[BACKUP].servers, self.hosts[BACKUP].service_ms = backup.servers, backup.service_ms
        self.hosts[DIRECT].recipients = recipients
        if backup.greylist_ms:
            greylist = Greylist(recipients if backup.by_pair else None, [(0, backup.greylist_ms)])
            self.hosts[BACKUP].greylist = greylist
        self.hop: SendingHop | None = None
        self.now_ms = 0
        self.holding: frozenset[str] = frozenset()
        """Hosts of the gateway that accept mail and keep it."""
        self._held = Columns({"id": np.int64, "since_ms": np.int64})
        self._released = EMPTY
        self._recent = Columns({"id": np.int64, "time_ms": np.int64, "host": np.int16})
        self._begun_ms = NEVER_MS
        self.written = Written()
        self.first_return_ms: int | None = None
        """When a correspondent first gave up a message, or was refused for good."""
        self.given_up: dict[str, int] = {}
        """By sending platform: messages that correspondents have given up, not those refused for good."""
        self.direct = Times()
        """When mail came straight to the mail server."""
        self.moved: Moved | None = None
        """What has moved to the hosts that the MX record names beside the gateway's; None: it names none."""
        self._record = Fingerprint("sent 1: time_ms id host tries put_off cause")

    # What arrives

    def to_gateway(self, a_ms: int, b_ms: int) -> Come:
        """What enters the gateway's delivery queue in [a, b), if nothing changes."""
        if self.hop is None:
            mail = self._sent(a_ms, b_ms)
            return Come(mail.id, mail.arrival_ms, mail.arrival_ms)
        works = [HOSTS.index(name) for name in GATEWAY if name not in self.holding]
        come = _at(self.hop.arrivals(a_ms, b_ms), works)
        if a_ms <= self.now_ms < b_ms and len(self._released):
            late = self._released
            written_ms = np.concatenate([self.written.of(late.id, late.arrival_ms), come.written_ms])
            ids, arrival_ms = (
                np.concatenate([getattr(late, name), getattr(come, name)]) for name in ("id", "arrival_ms")
            )
            return Come(ids, arrival_ms, written_ms)
        return come

    def to_backup(self, a_ms: int, b_ms: int) -> Come:
        """What the backup MX takes in [a, b), if nothing changes."""
        if self.hop is None:
            return Come(EMPTY.id, EMPTY.id, EMPTY.id)
        return _at(self.hop.arrivals(a_ms, b_ms), [HOSTS.index(BACKUP)])

    def advance(self, to_ms: int) -> Arrivals | None:
        """Everything in [now, to); what left its sender then, None while everything passes at once.

        To be called after the queues have taken in what they get before `to_ms`.
        """
        gone = None
        if self.hop is not None:
            gone = self.hop.advance(to_ms)
            if self.moved is not None and not self.moved.enough:
                self.moved.note(self._sent(self.now_ms, to_ms), gone, to_ms)
            self._record.rows(gone.time_ms, gone.id, gone.host, gone.tries, gone.put_off, gone.cause)
            self.direct.extend(gone.time_ms[gone.host == HOSTS.index(DIRECT)])
            returned_ms = gone.time_ms[gone.host < 0]
            if self.first_return_ms is None and len(returned_ms):
                self.first_return_ms = int(returned_ms[0])
            self._count_given_up(self.hop, gone.id[(gone.host < 0) & ~gone.rejected])
            kept = gone.at(*(HOSTS.index(name) for name in self.holding))
            queued = (gone.host >= 0) & (gone.host != HOSTS.index(DIRECT))
            late = queued & (kept | (gone.time_ms > gone.written_ms))
            self.written.note(gone.id[late], gone.written_ms[late])
            self._held.append([gone.id[kept], gone.time_ms[kept]])
            self._remember(gone, to_ms)
        self._released, self.now_ms = EMPTY, to_ms
        return gone

    def _count_given_up(self, hop: SendingHop, ids: I64) -> None:
        if len(ids):
            counts = hop.who.by_platform(ids).tolist()
            for platform, count in zip(hop.who.platforms, counts, strict=True):
                self.given_up[platform.id] = self.given_up.get(platform.id, 0) + count

    def _remember(self, gone: Arrivals, to_ms: int) -> None:
        """What has been taken so lately that somebody may still wait for the answer."""
        self._recent.append([gone.id, gone.time_ms, gone.host])
        self._recent.drop(int(np.searchsorted(self._recent["time_ms"], to_ms - ANSWERED_MS)))

    def just_taken(self, name: str, within_ms: int) -> I64:
        """What host `name` has taken in the last `within_ms` from senders that would try again."""
        since_ms = max(0, self.now_ms - within_ms)
        here = (self._recent["time_ms"] >= since_ms) & (self._recent["host"] == HOSTS.index(name))
        ids: I64 = self._recent["id"][here]
        if name == GATEWAY[0] and since_ms < self._begun_ms:
            before = self._sent(since_ms, min(self._begun_ms, self.now_ms))
            ids = np.concatenate([before.id, ids])
        if not len(ids):
            return ids
        who = self.who()
        numbers = who.of(ids).tolist()
        return ids[np.array([who.platform_of(number).kind != "never" for number in numbers], dtype=np.bool_)]

    def moved_at_ms(self, a_ms: int, b_ms: int) -> int | None:
        """When in [a, b) enough mail has moved to other hosts, if nothing changes before; None: not then."""
        if self.moved is None or self.moved.enough or self.hop is None:
            return None
        sent = self._sent(self.now_ms, b_ms)
        return self.moved.first_minute(a_ms, b_ms, sent, self.hop.arrivals(self.now_ms, b_ms))

    # Changes, at `now_ms`; the queues behind must forget what they looked ahead

    def begin(self) -> SendingHop:
        """From now on the sending hop is modelled."""
        if self.hop is None:
            self.hop = SendingHop(self.who(), self.hosts.values(), GATEWAY, self._sent, self.now_ms)
            self._begun_ms = self.now_ms
        return self.hop

    def host_becomes(self, name: str, behaviour: Behaviour) -> None:
        """Host `name` answers so from now on."""
        if self.hop is None and name not in GATEWAY:
            self.hosts[name].becomes(self.now_ms, behaviour)  # nobody writes to it
            return
        hop = self.begin()
        hop.changes(lambda: self.hosts[name].becomes(self.now_ms, behaviour))

    def greylists(self, delay_ms: int) -> None:
        """The backup puts first contacts off for so long from now on; 0: it does not. It must have a rule."""
        greylist = self.hosts[BACKUP].greylist
        if greylist is None:
            raise ValueError("the backup has no greylist")
        if self.hop is None:
            greylist.becomes(self.now_ms, delay_ms)
        else:
            self.hop.changes(partial(greylist.becomes, self.now_ms, delay_ms))

    def reroute(self, versions: Sequence[Version]) -> None:
        """What correspondents' resolvers say of the MX record, each version from a moment of each one's own.

        Of the time before now it says what was said before.
        """
        hop = self.begin()
        hop.changes(lambda: hop.set_routes(versions))

    def hold(self, names: frozenset[str]) -> None:
        """These hosts of the gateway accept mail and keep it, the others pass it on.

        What was held goes into the delivery queue now, in the order in which it came, as soon as no
        host holds any more.
        """
        self.begin()
        self.holding = names
        if not names and len(self._held):
            ids = self._held["id"].copy()
            ids = np.concatenate([self._released.id, ids])
            self._released = Messages(ids, np.full(len(ids), self.now_ms, dtype=np.int64))
            self._held.cut(0)

    def keep(self, *mail: Messages) -> None:
        """What continuity apps, or real letters, have brought to a gateway that holds, up to `now_ms`."""
        for some in mail:
            self.written.note(some.id, some.arrival_ms)
            self._held.append([some.id, some.arrival_ms])

    # Looking up

    @property
    def held_ids(self) -> I64:
        """Who they are."""
        ids: I64 = np.concatenate([self._held["id"], self._released.id])
        return ids

    def held_since(self) -> tuple[I64, I64]:
        """Who they are, and when each came; those that are let go in this very millisecond left out."""
        return self._held["id"].copy(), self._held["since_ms"].copy()

    @property
    def releasing(self) -> I64:
        """Who of them are let go in this very millisecond."""
        return self._released.id

    @property
    def held(self) -> int:
        """Messages that the gateway has accepted and keeps, or lets go in this very millisecond."""
        return len(self._held) + len(self._released)

    def only_server_refuses(self, moment_ms: int) -> bool:
        """Whether the mail server refuses for good whoever comes straight to it, and no other host does: so
        that what senders were refused then stands in its own log.
        """
        return self.refusing(moment_ms) == {DIRECT}

    def refusing(self, moment_ms: int) -> set[str]:
        """Which hosts refuse for good then."""
        return {name for name, host in self.hosts.items() if host.at(moment_ms).answer in FOR_GOOD}

    def first_contacts(self) -> int:
        """How many the backup has put off so far because it did not know them."""
        return self.hop.first_contacts() if self.hop is not None else 0

    def digest(self, record: Fingerprint) -> None:
        """Add what has left its sender, what the gateway keeps, and what has not left."""
        record.row((), self._record.hexdigest())
        order = np.argsort(self._held["id"])  # who was noted first depends on where time was cut
        record.rows(self._held["id"][order], self._held["since_ms"][order])
        record.rows(np.sort(self._released.id))
        if self.hop is not None:
            self.hop.digest(record)


def _at(come: Arrivals, hosts: list[int]) -> Come:
    """Those that arrive at one of `hosts`."""
    passing = come.at(*hosts)
    return Come(come.id[passing], come.time_ms[passing], come.written_ms[passing])
