"""Unpublished numbers, each with the other values that it may have: for the bands of figures.

The numbers are the mixes of senders, the retry schedules and limits of large platforms, the shares of mail
with a useful life and of people who send again, and the capacities of the mail server, the backup and, if
mail queues in front of it, the gateway's filter. A scenario with another value can be run like any other.
"""

from collections.abc import Callable, Iterator, Mapping

from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.traffic_file import PlatformShare, UsefulLife
from sim.drill.scenario.scenario import Scenario
from sim.kernel.frozen import frozen
from sim.mail.platforms.platform import platform_ids, read_platform
from sim.mail.platforms.platform_file import PlatformFile
from sim.mail.platforms.sender_mixes import read_sender_mixes

WHO_WRITES, SCHEDULES, LIFE, AGAIN = "senders", "schedules", "useful life", "writing again"
GIVING_UP, CAPACITY, FILTER = "giving up", "processing times", "gateway's filter"
PARTS = 1000
"""Unit of shares: thousandths."""


@frozen
class Assumption:
    """One other possible value of an unpublished number."""

    subject: str
    """The assumed number, as one of the names above."""
    name: str
    """The other value, as tables show it: `schedules: sparse`."""
    scenario: Callable[[Scenario], Scenario]
    """Function that takes a scenario and returns the same scenario with the other value."""


def share_factor(scenario: Scenario) -> int:
    """The factor by which the true value of an assumed share may be higher or lower."""
    return read_sender_mixes(scenario.files).share_factor.value


def assumptions(scenario: Scenario) -> Iterator[Assumption]:
    """Every other value, grouped by subject."""
    factor = share_factor(scenario)
    for name, mix in read_sender_mixes(scenario.files).mixes.items():
        yield Assumption(WHO_WRITES, name, _sent_by(mix.shares))
    for name in ("dense", "sparse"):
        yield Assumption(SCHEDULES, f"{SCHEDULES}: {name}", _scheduled(name))
        for mix_name, mix in read_sender_mixes(scenario.files).mixes.items():
            yield Assumption(SCHEDULES, f"{SCHEDULES}: {name}, {mix_name}", _scheduled(name, mix.shares))
    for subject, of in ((LIFE, with_life), (AGAIN, with_writing_again)):
        yield Assumption(subject, f"{subject}: 1/{factor} of the shares", _shared(of, 1, factor))
        yield Assumption(subject, f"{subject}: {factor} times the shares", _shared(of, factor, 1))
    yield Assumption(GIVING_UP, f"{GIVING_UP}: the other reading of the limit", with_other_expiry)
    for text, times, over in ((f"1/{factor}", 1, factor), (f"{factor} times", factor, 1)):
        yield Assumption(CAPACITY, f"{CAPACITY}: {text}", _shared(with_capacity, times, over))
    if queues_before_the_filter(scenario):
        bounds = read_sender_mixes(scenario.files).filter
        for pace, per_message_ms in zip(("fast", "slow"), bounds.per_message_ms, strict=True):
            for room, holds in zip(("small", "large"), bounds.holds, strict=True):
                other = _filter(per_message_ms, holds, bounds.users_per)
                yield Assumption(FILTER, f"{FILTER}: {pace}, {room} queue", other)


def queues_before_the_filter(scenario: Scenario) -> bool:
    """True if a fault makes mail queue before the gateway's filter, in which case the filter's capacity
    matters.
    """
    of_gateway = [one for one in scenario.timeline if one.kind.component == "gateway"]
    return any(one.kind.slows or one.kind.answer == "up" for one in of_gateway)


def _sent_by(shares: Mapping[str, int]) -> Callable[[Scenario], Scenario]:
    return lambda scenario: sent_by(scenario, shares)


def _scheduled(name: str, shares: Mapping[str, int] | None = None) -> Callable[[Scenario], Scenario]:
    """Scenarios with another schedule and, if `shares` are given, with another mix too, because the two
    interact.
    """
    return lambda scenario: with_schedule(sent_by(scenario, shares) if shares else scenario, name)


def _shared(
    of: Callable[[Scenario, int, int], Scenario], times: int, over: int
) -> Callable[[Scenario], Scenario]:
    return lambda scenario: of(scenario, times, over)


def sent_by(scenario: Scenario, shares: Mapping[str, int]) -> Scenario:
    """`scenario` with another mix of senders (percentage by platform)."""
    mix = tuple(PlatformShare(platform=name, share_percent=share) for name, share in shares.items())
    organisation = scenario.organisation
    senders = organisation.correspondents.model_copy(update={"mix": mix})
    return _with(scenario, organisation.model_copy(update={"correspondents": senders}))


def with_schedule(scenario: Scenario, name: str) -> Scenario:
    """`scenario` in which every platform with an assumed schedule has its `dense` or `sparse` one."""
    files = scenario.files
    for one in platform_ids(files):
        file = read_platform(files, one)
        chooser = next((key for key, each in file.parameters.items() if each.role == "schedule"), None)
        if chooser is None or name not in file.schedules or file.parameters[chooser].confidence != "assumed":
            continue
        chosen = file.parameters[chooser].model_copy(update={"value": name})
        other = file.model_copy(update={"parameters": {**file.parameters, chooser: chosen}})
        files = files.holding(f"platforms/{one}.yaml", PlatformFile, other)
    copied: Scenario = scenario.model_copy()
    return copied.came_from(files, None, scenario.settings)


def with_life(scenario: Scenario, times: int, over: int) -> Scenario:
    """`scenario` in which the shares of mail with a useful life are multiplied by `times`/`over`."""
    kinds = scenario.organisation.useful_life
    limited = [_scaled(one.share_permille, times, over) if one.life_ms is not None else 0 for one in kinds]
    rest = max(PARTS - sum(limited), 0)
    lasting = sum(one.share_permille for one in kinds if one.life_ms is None)
    found: list[UsefulLife] = []
    for one, share in zip(kinds, limited, strict=True):
        left = share if one.life_ms is not None else rest * one.share_permille // lasting
        found.append(one.model_copy(update={"share_permille": left}))
    return _with(scenario, scenario.organisation.model_copy(update={"useful_life": tuple(found)}))


def with_writing_again(scenario: Scenario, times: int, over: int) -> Scenario:
    """`scenario` in which the shares of people who send queued mail again are multiplied by
    `times`/`over`.
    """
    again = scenario.organisation.resending
    shares = ("outbox_permille", "outbox_told_permille", "notice_permille", "notice_told_permille")
    scaled = {name: _scaled(getattr(again, name), times, over) for name in shares}
    changed = again.model_copy(update=scaled)
    return _with(scenario, scenario.organisation.model_copy(update={"resending": changed}))


def with_other_expiry(scenario: Scenario) -> Scenario:
    """`scenario` in which every platform whose reaction to its limit is assumed reacts the other way."""
    files = scenario.files
    for one in platform_ids(files):
        file = read_platform(files, one)
        key = next((key for key, each in file.parameters.items() if each.role == "expiry"), None)
        if key is None or file.parameters[key].confidence != "assumed":
            continue
        now = file.parameters[key]
        (other,) = (choice for choice in now.choices if choice != now.value)
        chosen = {**file.parameters, key: now.model_copy(update={"value": other})}
        held = file.model_copy(update={"parameters": chosen})
        files = files.holding(f"platforms/{one}.yaml", PlatformFile, held)
    copied: Scenario = scenario.model_copy()
    return copied.came_from(files, None, scenario.settings)


def with_capacity(scenario: Scenario, times: int, over: int) -> Scenario:
    """`scenario` in which the processing times of mail server and backup are multiplied by `times`/`over`."""
    organisation = scenario.organisation
    server, backup = organisation.server, organisation.secondary
    scaled = {
        name: _at_least_1(getattr(server, name), times, over) for name in ("per_message_ms", "works_for_ms")
    }
    relays = {"per_message_ms": _at_least_1(backup.per_message_ms, times, over)}
    update = {"server": server.model_copy(update=scaled), "secondary": backup.model_copy(update=relays)}
    return _with(scenario, organisation.model_copy(update=update))


def _filter(per_message_ms: int, holds: int, users_per: int) -> Callable[[Scenario], Scenario]:
    """`scenario` with a filter of this capacity."""
    update = {"at_a_time": 1, "users_per_place": users_per, "per_message_ms": per_message_ms, "holds": holds}

    def other(scenario: Scenario) -> Scenario:
        gateway = scenario.organisation.gateway
        changed = gateway.model_copy(update={"filter": gateway.filter.model_copy(update=update)})
        return _with(scenario, scenario.organisation.model_copy(update={"gateway": changed}))

    return other


def _at_least_1(span_ms: int | None, times: int, over: int) -> int | None:
    return None if span_ms is None else max(1, span_ms * times // over)


def _scaled(permille: int, times: int, over: int) -> int:
    return min(permille * times // over, PARTS)


def _with(scenario: Scenario, organisation: Organisation) -> Scenario:
    return scenario.model_copy(update={"organisation": organisation})
