"""Unpublished numbers, each with the other values that it may have: for the bands of figures.

Who writes (mixes of senders), the retry schedules of large platforms, the shares of mail with a useful life,
and the shares of people who write again. A scenario with another value is a scenario like any other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sim.drill.organisation.organisation import Organisation, PlatformShare, UsefulLife
from sim.drill.scenario.scenario import Scenario
from sim.mail.platforms.platform import platform_ids, read_platform
from sim.mail.platforms.platform_file import PlatformFile
from sim.mail.platforms.sender_mixes import read_sender_mixes

WHO_WRITES, SCHEDULES, LIFE, AGAIN = "senders", "schedules", "useful life", "writing again"
PARTS = 1000
"""Shares are in thousandths."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One other value of a number that is not published."""

    subject: str
    """The number: one of the names above."""
    name: str
    """The value, for a table: `schedules: sparse`."""
    scenario: Callable[[Scenario], Scenario]
    """The scenario with it."""


def share_factor(scenario: Scenario) -> int:
    """Factor up to which the true value of an assumed share may differ from it, in both directions."""
    return read_sender_mixes(scenario.files).share_factor.value


def assumptions(scenario: Scenario) -> Iterator[Assumption]:
    """Every other value, subject by subject."""
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


def _sent_by(shares: Mapping[str, int]) -> Callable[[Scenario], Scenario]:
    return lambda scenario: sent_by(scenario, shares)


def _scheduled(name: str, shares: Mapping[str, int] | None = None) -> Callable[[Scenario], Scenario]:
    """With another schedule, and another mix where `shares` are given: the one matters as the other does."""
    return lambda scenario: with_schedule(sent_by(scenario, shares) if shares else scenario, name)


def _shared(
    of: Callable[[Scenario, int, int], Scenario], times: int, over: int
) -> Callable[[Scenario], Scenario]:
    return lambda scenario: of(scenario, times, over)


def sent_by(scenario: Scenario, shares: Mapping[str, int]) -> Scenario:
    """`scenario` with another mix of senders (platform: percent)."""
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
    """`scenario` in which `times`/`over` of the shares of mail have a useful life."""
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
    """`scenario` in which `times`/`over` of the shares of people write mail again that waits."""
    again = scenario.organisation.resending
    shares = ("outbox_permille", "outbox_told_permille", "notice_permille", "notice_told_permille")
    scaled = {name: _scaled(getattr(again, name), times, over) for name in shares}
    changed = again.model_copy(update=scaled)
    return _with(scenario, scenario.organisation.model_copy(update={"resending": changed}))


def _scaled(permille: int, times: int, over: int) -> int:
    return min(permille * times // over, PARTS)


def _with(scenario: Scenario, organisation: Organisation) -> Scenario:
    return scenario.model_copy(update={"organisation": organisation})
