"""Mail from the internet, up to the queue from which it is delivered.

While all hosts of the MX record work, mail passes in the millisecond in which it is written, whatever its
sender. From the first failure onwards, the sending hop is modelled. The gateway's hosts can *accept and
hold*: accepted mail waits inside until they work again. A backup accepts mail into a queue of its own, from
which it relays to the mail server.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.kernel.series import Times
from sim.mail.message.receiver_draws import Sharers
from sim.mail.message.traffic import EMPTY, Messages
from sim.mail.message.written_at import Written
from sim.mail.routes.held_inbound import HeldInbound
from sim.mail.routes.moved_share import Moved
from sim.mail.routes.recently_accepted import RecentlyAccepted
from sim.mail.senders.arrivals import FOR_GOOD, Arrivals
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.greylist import Greylist
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from sim.mail.senders.hosts.mx_routes import Version, same_versions

GATEWAY = ("gateway-1", "gateway-2")
BACKUP, DIRECT = "backup", "server"
HOSTS = (*GATEWAY, BACKUP, DIRECT)
"""Every host that an MX record of the organisation can name; arrivals refer to a host by its index here."""


@frozen
class Come:
    """Messages that enter a queue, and when each was written. Columns of equal length."""

    id: I64
    arrival_ms: I64
    written_ms: I64


@frozen
class BackupSpec:
    """The number of messages that the backup MX can receive at a time (None: any number), and the time that
    it takes for each.

    `greylist_ms`: the delay of a first contact; `by_pair`: True if each recipient is a contact of its own.
    """

    servers: int | None = None
    service_ms: int = 0
    greylist_ms: int = 0
    by_pair: bool = False


class Inbound:
    """Mail from the internet, and its possible hosts. Everything before `now_ms` has happened."""

    def __init__(
        self,
        seed: int,
        sent: Callable[[int, int], Messages],
        who: Callable[[], CorrespondentTable],
        backup: BackupSpec,
        recipients: Callable[[I64], NDArray[np.int32]],
    ) -> None:
        """`sent`: returns messages that leave the sender's platform in [a, b). `who` returns the
        correspondents, and is called only once the sending hop is modelled or the senders of mail are
        needed; `recipients` returns the recipients of messages.
        """
        self._sent, self.who = sent, who
        self.hosts = {name: ReceivingHost(name, seed) for name in HOSTS}
        self.hosts[BACKUP].servers, self.hosts[BACKUP].service_ms = backup.servers, backup.service_ms
        self.hosts[DIRECT].recipients = recipients
        for host in self.hosts.values():
            host.senders = self._senders
        if backup.greylist_ms:
            greylist = Greylist(recipients if backup.by_pair else None, [(0, backup.greylist_ms)])
            self.hosts[BACKUP].greylist = greylist
        self.hop: SendingHop | None = None
        self._versions: Sequence[Version] = ()
        """The latest answers from correspondents' resolvers, once the sending hop is simulated."""
        self.now_ms = 0
        self.held = HeldInbound()
        self._recent = RecentlyAccepted()
        self.begun_ms = NEVER_MS
        """The time from which the sending hop is simulated."""
        self.written = Written()
        self.first_return_ms: int | None = None
        """The time at which a correspondent's message first bounced or was permanently rejected."""
        self.given_up: dict[str, int] = {}
        """For each sending platform: the number of messages that bounced at its correspondents, not
        counting permanent rejections.
        """
        self.direct = Times()
        """The times at which mail came directly to the mail server."""
        self.moved: Moved | None = None
        """The share of mail that goes to hosts in the MX record other than the gateway's; None if the
        record names no other host.
        """
        self._record = Fingerprint("sent 1: time_ms id host tries put_off cause")

    def _senders(self, ids: I64, of: Sharers) -> I64:
        return self.who().groups(ids, of)

    # Arrivals

    def to_gateway(self, a_ms: int, b_ms: int) -> Come:
        """Messages that enter the gateway's delivery queue in [a, b), if nothing changes."""
        if self.hop is None:
            mail = self._sent(a_ms, b_ms)
            return Come(mail.id, mail.arrival_ms, mail.arrival_ms)
        works = [HOSTS.index(name) for name in GATEWAY if name not in self.held.hosts]
        return _at(self.hop.arrivals(a_ms, b_ms), works)

    def to_backup(self, a_ms: int, b_ms: int) -> Come:
        """Messages that the backup MX accepts in [a, b), if nothing changes."""
        if self.hop is None:
            return Come(EMPTY.id, EMPTY.id, EMPTY.id)
        return _at(self.hop.arrivals(a_ms, b_ms), [HOSTS.index(BACKUP)])

    def advance(self, to_ms: int) -> Arrivals | None:
        """Advance over [now, to); returns the messages that left their senders, None while everything passes
        at once.

        Must be called after the queues have added their arrivals before `to_ms`.
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
            kept = gone.at(*(HOSTS.index(name) for name in self.held.hosts))
            queued = (gone.host >= 0) & (gone.host != HOSTS.index(DIRECT))
            late = queued & (kept | (gone.time_ms > gone.written_ms))
            self.written.note(gone.id[late], gone.written_ms[late])
            self.held.keep(gone.id[kept], gone.time_ms[kept])
            self._recent.note(gone, to_ms)
        self.now_ms = to_ms
        return gone

    def _count_given_up(self, hop: SendingHop, ids: I64) -> None:
        if len(ids):
            counts = hop.who.by_platform(ids).tolist()
            for platform, count in zip(hop.who.platforms, counts, strict=True):
                self.given_up[platform.id] = self.given_up.get(platform.id, 0) + count

    def just_taken(self, name: str, within_ms: int) -> I64:
        """Messages that host `name` accepted in the last `within_ms` from senders that would retry."""
        since_ms = max(0, self.now_ms - within_ms)
        ids = self._recent.at(HOSTS.index(name), since_ms)
        if name == GATEWAY[0] and since_ms < self.begun_ms:
            before = self._sent(since_ms, min(self.begun_ms, self.now_ms))
            ids = np.concatenate([before.id, ids])
        if not len(ids):
            return ids
        who = self.who()
        numbers = who.of(ids).tolist()
        return ids[np.array([who.platform_of(number).kind != "never" for number in numbers], dtype=np.bool_)]

    def moved_at_ms(self, a_ms: int, b_ms: int) -> int | None:
        """The time in [a, b) at which enough mail has moved to other hosts, if nothing changes before;
        None if there is no such time.
        """
        if self.moved is None or self.moved.enough or self.hop is None:
            return None
        sent = self._sent(self.now_ms, b_ms)
        return self.moved.first_minute(a_ms, b_ms, sent, self.hop.arrivals(self.now_ms, b_ms))

    # Changes at `now_ms`; the queues behind must drop their forecast

    def begin(self) -> SendingHop:
        """Begin to model the sending hop now."""
        if self.hop is None:
            self.hop = SendingHop(self.who(), self.hosts.values(), GATEWAY, self._sent, self.now_ms)
            self.begun_ms = self.now_ms
            self._versions = [(GATEWAY, np.zeros(len(self.hop.who), dtype=np.int64))]
        return self.hop

    def hosts_become(self, behaviours: Mapping[str, Behaviour]) -> None:
        """Set these hosts' answers from now on. All of them count as one change, because each change
        recomputes the forecast of all mail. While the sending hop is simulated, an unchanged answer costs
        nothing.
        """
        if self.hop is not None:
            hosts = self.hosts
            behaviours = {name: one for name, one in behaviours.items() if hosts[name].spells[-1][1] != one}
            if not behaviours:
                return

        def act() -> None:
            for name, behaviour in behaviours.items():
                self.hosts[name].becomes(self.now_ms, behaviour)

        if self.hop is None and not set(behaviours) & set(GATEWAY):
            act()  # senders are not simulated yet, and do not use these hosts
        else:
            self.begin().changes(act)

    def greylists(self, delay_ms: int) -> None:
        """Let the backup defer first contacts for this time from now on; 0: no longer. The backup must
        have a greylisting rule.
        """
        greylist = self.hosts[BACKUP].greylist
        if greylist is None:
            raise ValueError("the backup has no greylist")
        if self.hop is None:
            greylist.becomes(self.now_ms, delay_ms)
        else:
            self.hop.changes(partial(greylist.becomes, self.now_ms, delay_ms))

    def reroute(self, versions: Sequence[Version]) -> None:
        """Set the answers of correspondents' resolvers for the MX record; each version takes effect at a
        different time for each correspondent.

        For the time before now the answers stay as they were. If no answer differs, nothing is recomputed:
        for example after a lower TTL or a new policy with the same hosts, or the flush of a resolver that
        had the latest record.
        """
        hop = self.begin()
        if not same_versions(versions, self._versions):
            self._versions = versions
            hop.changes(lambda: hop.set_routes(versions))

    def hold(self, names: frozenset[str]) -> Come:
        """Let these hosts of the gateway accept and hold mail, and the others pass it on. Returns released
        mail: all of it, in order of arrival, once no host holds mail any more.
        """
        self.begin()
        self.held.hosts = names
        if names:
            return Come(EMPTY.id, EMPTY.id, EMPTY.id)
        ids, since_ms = self.held.released()
        return Come(ids, since_ms, self.written.of(ids, since_ms))

    def keep(self, *mail: Messages) -> None:
        """Messages that continuity apps, or real senders, have sent to a gateway that holds mail, up to
        `now_ms`.
        """
        for some in mail:
            self.written.note(some.id, some.arrival_ms)
            self.held.keep(some.id, some.arrival_ms)

    # Looking up

    def only_server_refuses(self, moment_ms: int) -> bool:
        """True if the mail server permanently rejects mail that comes directly to it, and no other host
        does: then its own log shows the rejections that senders received.
        """
        return self.refusing(moment_ms) == {DIRECT}

    def refusing(self, moment_ms: int) -> set[str]:
        """The hosts that permanently reject mail at that time."""
        return {name for name, host in self.hosts.items() if host.at(moment_ms).answer in FOR_GOOD}

    def first_contacts(self) -> int:
        """The number of messages that the backup has deferred so far as first contacts."""
        return self.hop.first_contacts() if self.hop is not None else 0

    def digest(self, record: Fingerprint) -> None:
        """Add messages that have left their senders, messages that the gateway holds, and messages still
        at their senders.
        """
        record.row((), self._record.hexdigest())
        self.held.digest(record)
        if self.hop is not None:
            self.hop.digest(record)


def _at(come: Arrivals, hosts: list[int]) -> Come:
    """The messages that arrive at one of `hosts`."""
    passing = come.at(*hosts)
    return Come(come.id[passing], come.time_ms[passing], come.written_ms[passing])
