"""The senders' oracle: the plainest model of one sending organisation in an outage, message by message.

`relay` plays a world event by event: every message is a process (or is carried by the processes of its
sender's queue), and nothing is computed in advance. It is slow and meant to be read beside the manuals
of the mail servers; the engine must come to the same milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Looks, Rank
from tests.oracle.courier import Courier
from tests.oracle.destination import Host, Resolver
from tests.oracle.exchange import Exchange
from tests.oracle.exim import Exim
from tests.oracle.message import Message
from tests.oracle.opensmtpd import OpenSMTPD
from tests.oracle.own_timers import OwnTimers
from tests.oracle.postfix import Postfix
from tests.oracle.sender import Sender, Waiting
from tests.oracle.sendmail import Sendmail


@dataclass(frozen=True)
class World:
    """One sending organisation and its destination. `arrivals_ms`: of messages 1, 2, 3 …, ascending;
    `scan_ms`: the first look at the queue, for platforms that scan; or all of them, where they are known
    from a trace. `until_ms`: the end, exclusive.
    """

    platform: Platform
    arrivals_ms: Sequence[int]
    hosts: Sequence[Host]
    resolver: Resolver
    until_ms: int
    scan_ms: int | tuple[int, ...] = 0


@dataclass(frozen=True)
class History:
    """What happened: the messages by number, and every connection that was tried (time, host)."""

    messages: list[Message]
    connections: list[tuple[int, str]]


def relay(world: World) -> History:
    """The history of `world`. Raises ValueError for a platform set to an ideal grid (no scans)."""
    env = Clockwork()
    sender = sender_of(env, world)
    env.process(arrivals(env, sender, world.arrivals_ms))
    env.run(until=env.until(world.until_ms, Rank.CHANGE))
    if world.platform.file.notice.when == "at-limit":
        for message in sender.queue:
            end_ms = world.until_ms if message.ended_ms is None else message.ended_ms
            ages_ms = [message.arrival_ms + age_ms for age_ms in sender.notice_ages()]
            message.notices = [at_ms for at_ms in ages_ms if at_ms < end_ms]
    return History(sender.queue, sender.connections)


def arrivals(
    env: Clockwork, sender: Sender, arrivals_ms: Sequence[int], ids: Sequence[int] | None = None
) -> Waiting:
    """Each message enters the queue at its time; without `ids` they are numbered from 1."""
    for number, arrival_ms in zip(ids or count(1), arrivals_ms):  # noqa: B905 - count(1) never ends
        yield env.until(arrival_ms, Rank.ATTEMPT, number)
        sender.accept(Message(number, arrival_ms))


def relay_together(worlds: Sequence[World], ids: Sequence[Sequence[int]]) -> list[History]:
    """The histories of several senders whose hosts, those of the first world, are the same ones.

    `ids`: the messages of each world, in the order of its arrivals.
    """
    env = Clockwork()
    hosts = [replace(host, busy=0, line=[], met_ms={}) for host in worlds[0].hosts]
    senders = [sender_of(env, world, hosts) for world in worlds]
    for sender, world, numbers in zip(senders, worlds, ids, strict=True):
        env.process(arrivals(env, sender, world.arrivals_ms, numbers))
    env.run(until=env.until(worlds[0].until_ms, Rank.CHANGE))
    return [History(sender.queue, sender.connections) for sender in senders]


def sender_of(env: Clockwork, world: World, hosts: list[Host] | None = None) -> Sender:
    """The model of the platform's kind; unless it is given `hosts`, it gets some of its own, so that a
    world can be played twice.
    """
    platform, resolver = world.platform, world.resolver
    hosts = hosts or [replace(host, busy=0, line=[], met_ms={}) for host in world.hosts]
    scan_every = platform.roles.duration("scan") if platform.scans else 0
    if platform.scans and not scan_every:
        raise ValueError(f"{platform.id} without scans is published arithmetic, not a server")
    if platform.scans:
        looks: Looks = world.scan_ms if isinstance(world.scan_ms, tuple) else count(world.scan_ms, scan_every)
        kind = {"aged-backoff": Postfix, "host-clock": Exim, "queue-runs": Sendmail}[platform.kind]
        return kind(env, platform, hosts, resolver, looks)
    if platform.kind == "next-hop-clock":
        return Exchange(env, platform, hosts, resolver)
    if platform.kind == "groups":
        return Courier(env, platform, hosts, resolver)
    if platform.id == "opensmtpd":
        return OpenSMTPD(env, platform, hosts, resolver)
    return OwnTimers(env, platform, hosts, resolver)
