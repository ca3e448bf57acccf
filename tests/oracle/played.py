"""A world of the oracle played by the engine's machine of the same platform, told as the oracle tells it.

`play` may cut time anywhere: at each cut it looks ahead, goes back and goes on, which must change nothing.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from sim.kernel.duration import HOUR_MS, NEVER_MS
from sim.mail.senders.hosts import host as engine
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.build import machine_of
from sim.mail.senders.machines.sender import Sender
from tests.oracle.clockwork import Clockwork
from tests.oracle.destination import Host, Partly
from tests.oracle.message import Message
from tests.oracle.senders import History, World, relay, sender_of


def play(world: World, cuts_ms: Sequence[int] = (), ahead_ms: int = HOUR_MS) -> History:
    """The machine's history of `world`. At each of `cuts_ms` it looks `ahead_ms` ahead and goes back."""
    agenda, machine, ends = begun(world)
    trace = machine.trace = []
    changes = {at_ms for at_ms, _ in spells(world) if 0 < at_ms < world.until_ms}
    for moment_ms in sorted(changes | {cut for cut in cuts_ms if 0 < cut < world.until_ms}):
        agenda.run(moment_ms)
        if moment_ms in changes:
            change(world, agenda, machine, moment_ms)
        if moment_ms in cuts_ms:
            before = list(trace), list(ends.single), list(ends.alike)
            agenda.hold()
            for far_ms in (ahead_ms // 3, ahead_ms):
                agenda.run(min(moment_ms + far_ms, world.until_ms))
                agenda.go_back()
                trace[:], ends.single[:], ends.alike[:] = before
    agenda.run(world.until_ms)
    return told(world, machine, ends)


def played_in_stretches(world: World, cuts_ms: Sequence[int] = (), ahead_ms: int = HOUR_MS) -> Sender:
    """The machine after `world`, given its mail as a hop gives it: stretch by stretch, and all of a stretch
    at once if it only waits. At each of `cuts_ms` it looks `ahead_ms` ahead and goes back.
    """
    agenda, machine, ends = empty(world)
    mail = np.array(mixed(world), dtype=np.int64).T

    def stretch(to_ms: int) -> None:
        arrival_ms, ids = mail[:, (agenda.now_ms <= mail[0]) & (mail[0] < to_ms)]
        if machine.only_waits(to_ms):
            agenda.touch(machine.number)
            machine.take_in(arrival_ms, ids, to_ms)
        else:
            agenda.comes([(at_ms, n, machine.number) for at_ms, n in zip(arrival_ms, ids, strict=True)])
        agenda.run(to_ms)

    changes = {at_ms for at_ms, _ in spells(world) if 0 < at_ms < world.until_ms}
    for moment_ms in sorted(changes | {cut for cut in cuts_ms if 0 < cut < world.until_ms}):
        stretch(moment_ms)
        if moment_ms in changes:
            change(world, agenda, machine, moment_ms)
        if moment_ms in cuts_ms:
            before = list(ends.single), list(ends.alike)
            agenda.hold()
            stretch(min(moment_ms + ahead_ms, world.until_ms))
            agenda.go_back()
            ends.single[:], ends.alike[:] = before
    stretch(world.until_ms)
    return machine


def fares_alike_in_stretches(world: World, cuts_ms: Sequence[int] = (), ahead_ms: int = HOUR_MS) -> Sender:
    """The machine after `world`, given its mail stretch by stretch, if each message fares as one by one."""
    agenda, singly, ends = empty(world)
    singly.trace = []  # then it counts nothing for many messages at once
    for at_ms, number in mixed(world):
        agenda.at(at_ms, Rank.ATTEMPT, number, singly.number, "accept", number, at_ms)
    for moment_ms in sorted({at_ms for at_ms, _ in spells(world) if 0 < at_ms < world.until_ms}):
        agenda.run(moment_ms)
        change(world, agenda, singly, moment_ms)
    agenda.run(world.until_ms)
    machine = played_in_stretches(world, cuts_ms, ahead_ms)
    assert sorted(machine.ends) == sorted(ends)
    assert sorted(machine.records().tolist()) == sorted(singly.records().tolist())
    assert sorted(zip(*machine.in_hands(), strict=True)) == sorted(zip(*singly.in_hands(), strict=True))
    return machine


def mixed(world: World) -> list[tuple[int, int]]:
    """(time, number) of its mail, ascending; one message in fifty has a lower number than those before it."""
    numbers = [n + 10_000 if n % 50 else n for n in range(1, len(world.arrivals_ms) + 1)]
    return sorted(zip(world.arrivals_ms, numbers, strict=True))


def begun(world: World) -> tuple[Agenda, Sender, MachineEnds]:
    """The machine at 0, with all of its mail to come on the agenda."""
    agenda, machine, ends = empty(world)
    for number, arrival_ms in enumerate(world.arrivals_ms, start=1):
        agenda.at(arrival_ms, Rank.ATTEMPT, number, machine.number, "accept", number, arrival_ms)
    return agenda, machine, ends


def empty(world: World) -> tuple[Agenda, Sender, MachineEnds]:
    """The machine at 0, without mail."""
    agenda = Agenda({host.name: as_engine(host) for host in world.hosts})
    ends = MachineEnds()
    looks = world.scan_ms
    machine = machine_of(agenda, world.platform, ends, looks if isinstance(looks, int) else 0)
    if isinstance(looks, tuple):
        machine.next_scan_ms = lambda from_ms: next((t for t in looks if t >= from_ms), NEVER_MS)  # type: ignore[attr-defined]
    machine.lookup_ms = world.resolver.gives_up_ms
    change(world, agenda, machine, 0)
    return agenda, machine, ends


def as_engine(host: Host) -> engine.ReceivingHost:
    """The same host, up until it is told otherwise. All draws of a host have one seed."""
    seeds = {what.seed for _, what in host.behaviour.spells if isinstance(what, Partly)} or {0}
    (seed,) = seeds
    return engine.ReceivingHost(host.name, seed, host.servers, host.service_ms)


def spells(world: World) -> list[tuple[int, object]]:
    """Everything that changes in a world, with its time."""
    return list(chain(world.resolver.answers.spells, *(host.behaviour.spells for host in world.hosts)))


def change(world: World, agenda: Agenda, machine: Sender, now_ms: int) -> None:
    """What changes at `now_ms`: hosts, and what the resolver says."""
    for host in world.hosts:
        for from_ms, what in host.behaviour.spells:
            if from_ms == now_ms:
                agenda.hosts[host.name].becomes(now_ms, behaviour(what))
    machine.routes += [spell for spell in world.resolver.answers.spells if spell[0] == now_ms]


def behaviour(what: str | Partly) -> engine.Behaviour:
    """A host's behaviour in the engine's terms."""
    if isinstance(what, Partly):
        return engine.Behaviour(what.failure, what.per_mille)
    return engine.Behaviour(what)


def told(world: World, machine: Sender, ends: MachineEnds) -> History:
    """The oracle's records of what the machine did."""
    messages = {
        n: Message(n, at_ms) for n, at_ms in enumerate(world.arrivals_ms, 1) if at_ms < world.until_ms
    }
    connections = []
    for what, time_ms, number, host in machine.trace or []:
        match what:
            case "try":
                messages[number].attempts.append((time_ms, host))
            case "connect":
                connections.append((time_ms, host))
            case "put off":
                messages[number].put_off.append(time_ms)
            case _:
                messages[number].notices.append(time_ms)
    statuses = sender_of(Clockwork(), world)
    for end in ends:
        message = messages[end.id]
        assert message.fate == "waiting", f"message {end.id} has two ends"
        if end.fate == "bounced":
            statuses.bounce(message, end.cause)
        message.fate, message.ended_ms, message.host = end.fate, end.time_ms, end.host
        assert (end.tries, end.put_off) == (len(message.attempts), len(message.put_off))
        assert end.arrival_ms == message.arrival_ms
    assert set(machine.queue) == {m.id for m in messages.values() if m.open}
    if world.platform.file.notice.when == "at-limit":
        for message in messages.values():
            end_ms = world.until_ms if message.ended_ms is None else message.ended_ms
            at_ages = [message.arrival_ms + age_ms for age_ms in machine.notice_ages()]
            message.notices = [at_ms for at_ms in at_ages if at_ms < end_ms]
    return History(list(messages.values()), connections)


COMPARED = ("arrival_ms", "attempts", "put_off", "notices", "fate", "ended_ms", "host", "cause", "status")


def differences(oracle: History, machine: History) -> list[str]:
    """What the two say differently, a line each; empty if they agree in everything."""
    found = []
    if len(oracle.messages) != len(machine.messages):
        found.append(f"{len(oracle.messages)} messages, {len(machine.messages)}")
    for theirs, ours in zip(oracle.messages, machine.messages, strict=False):
        for name in COMPARED:
            said = getattr(theirs, name), getattr(ours, name)
            if name == "host" and theirs.fate != "delivered":
                continue
            if said[0] != said[1]:
                found.append(f"message {theirs.id}: {name} {said[0]} by the oracle, {said[1]} by the machine")
    if sorted(oracle.connections) != sorted(machine.connections):
        found.append(f"connections {sorted(oracle.connections)} by the oracle, {sorted(machine.connections)}")
    return found


def agree(world: World, cuts_ms: Sequence[int] = (), ahead_ms: int = HOUR_MS) -> History:
    """The history, if oracle and machine tell the same one; AssertionError with what differs."""
    history = relay(world)
    found = differences(history, play(world, cuts_ms, ahead_ms))
    assert not found, "\n".join(found[:12])
    return history
