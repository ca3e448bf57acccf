"""A sending platform: its numbers with their sources, and its retry rule.

The engine, the oracle, the probes and the lists all use `load_platform(files, id, settings)`.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from sim.kernel.data_files import DataFiles
from sim.kernel.frozen import frozen
from sim.mail.platforms.platform_file import PlatformFile, PlatformSetting, Role
from sim.mail.platforms.retry.build import Roles, build_notice, build_rule
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.host_clock import HostClock
from sim.mail.platforms.retry.never import Never
from sim.mail.platforms.retry.notice import NoticeRule
from sim.mail.platforms.retry.rule import RetryRule
from sim.mail.platforms.setting_notation import Value, format_value, parse_value


class BadSetting(ValueError):
    """A platform, parameter or value that does not exist; one line lists the valid names or values."""


_OF_MESSAGE = frozenset({AttemptFailure.DEFER, AttemptFailure.REJECT})


@frozen
class Platform:
    """A platform with settings in force.

    `file`: all known facts, with sources. `values`: each parameter under the product's own name, durations in
    ms. `set_by_user`: the names of parameters that the caller changed. `rule`: the retry rule that follows
    from the values.
    """

    id: str
    name: str
    file: PlatformFile
    values: Mapping[str, Value]
    set_by_user: frozenset[str]
    rule: RetryRule

    @property
    def roles(self) -> Roles:
        """The values by their role in the model."""
        return _roles(self.file, self.values)

    @property
    def kind(self) -> str:
        """The kind of retry rule: `offsets`, `aged-backoff`, …"""
        return self.file.retry

    def attempt_ms(self, failure: AttemptFailure) -> int:
        """Time until this kind of failure is known to the sender; 0 except for time-outs."""
        roles = self.roles
        if failure is AttemptFailure.TIMEOUT:
            return roles.connect_ms
        return roles.duration("greeting_timeout") if failure is AttemptFailure.SILENT else 0

    def until_deferral_ms(self, failure: AttemptFailure) -> int:
        """The time from the start of an attempt at a domain's only host until the message is deferred. Some
        platforms defer mail for a failed host only at their next check of the routes to it.
        """
        ended_ms = self.attempt_ms(failure)
        if "route_check" not in self.roles.named or failure in _OF_MESSAGE:
            return ended_ms
        no_route_ms = max(ended_ms, self.roles.duration("connection_gap"))
        first_ms, every_ms = self.roles.duration("first_route_check"), self.roles.duration("route_check")
        return no_route_ms + (first_ms - no_route_ms) % every_ms

    @property
    def notice(self) -> NoticeRule:
        """The rule for the platform's delay notices."""
        return build_notice(self.file.notice, self.roles)

    @property
    def expires_ms(self) -> int:
        """The age at which a message bounces, or from which its first failed attempt makes it bounce."""
        if isinstance(self.rule, HostClock):
            return self.rule.cutoff_s * 1000
        return 0 if isinstance(self.rule, Never) else self.roles.duration("lifetime")

    @property
    def most_attempts(self) -> int | None:
        """The number of failed attempts after which a message bounces, whatever its age; None if there is
        no such limit.
        """
        return self.roles.count("attempts") if "attempts" in self.roles.named else None

    @property
    def scans(self) -> bool:
        """True if the platform scans its queue at regular times, in which case `scan_phase` has a meaning."""
        return "scan" in self.roles.named


def platform_ids(files: DataFiles) -> tuple[str, ...]:
    """The platforms in `files`, sorted."""
    return files.ids("platforms")


def read_platform(files: DataFiles, platform_id: str) -> PlatformFile:
    """The file of a platform. Raises BadSetting for an unknown id, BadFile for a bad file."""
    if platform_id not in platform_ids(files):
        raise BadSetting(f"no platform {platform_id!r}; {_instead(platform_id, platform_ids(files))}")
    return files.read(f"platforms/{platform_id}.yaml", PlatformFile)


def load_platform(
    files: DataFiles,
    platform_id: str,
    settings: Mapping[str, str] | None = None,
    *,
    scan_phase_ms: int | None = None,
) -> Platform:
    """The platform with `settings` (the product's own names and notation) in force.

    `scan_phase_ms`: the absolute time of one of its queue scans (None: 0), for servers that scan their queue.
    Raises BadSetting with one line; BadFile if a data file is broken.
    """
    if not settings and scan_phase_ms is None:
        return files.made(f"platform {platform_id}", lambda: _load(files, platform_id, {}, 0))
    return _load(files, platform_id, settings or {}, scan_phase_ms or 0)


def _load(files: DataFiles, platform_id: str, settings: Mapping[str, str], scan_phase_ms: int) -> Platform:
    file = read_platform(files, platform_id)
    values = settled(file, settings)
    rule = build_rule(file.retry, _roles(file, values), scan_phase_ms)
    return Platform(file.id, file.name, file, values, frozenset(settings), rule)


def settled(file: PlatformFile, settings: Mapping[str, str]) -> dict[str, Value]:
    """Every parameter's value: first from the file, then from the chosen schedule, then from `settings`."""
    settable = file.settable
    for name in settings:
        if name in settable:
            continue
        fixed = name in file.parameters
        problem = f"cannot be set in {file.name}" if fixed else f"is not a parameter of {file.id}"
        scans = any(parameter.role == "scan" for parameter in file.parameters.values())
        raise BadSetting(
            f"{name} {problem}; {_instead(name, (*settable, *(('scan_phase',) if scans else ())))}"
        )
    texts = {name: str(parameter.value) for name, parameter in file.parameters.items()}
    chooser = next((name for name, p in file.parameters.items() if p.role == "schedule"), None)
    if chooser:
        choice = settings.get(chooser, texts[chooser]).strip()
        texts |= file.schedules.get(choice, {})
    return {
        name: _parse(name, file.parameters[name], text) for name, text in (texts | dict(settings)).items()
    }


def _parse(name: str, parameter: PlatformSetting, text: str) -> Value:
    try:
        value = parse_value(parameter, text)
        if parameter.least != "" and isinstance(value, int):
            least = parse_value(parameter, str(parameter.least))
            if isinstance(least, int) and value < least:
                raise ValueError(f"{text!r} is too small; write {parameter.least} or more")
    except ValueError as error:
        raise BadSetting(f"{name}: {error}") from None
    return value


def _instead(given: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(given, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}choose from {', '.join(known)}" if known else f"{hint}it has no parameters"


def _roles(file: PlatformFile, values: Mapping[str, Value]) -> Roles:
    named: dict[Role, Value] = {p.role: values[name] for name, p in file.parameters.items()}
    return Roles(named)


def assumed_share(file: PlatformFile) -> float:
    """The share of a platform's numbers and behaviours that is assumed."""
    known = [fact for _, fact in file.facts]
    return sum(fact.confidence == "assumed" for fact in known) / len(known)


def shown(platform: Platform) -> dict[str, str]:
    """Every parameter's value in force, as text that `--set` accepts."""
    return {
        name: format_value(parameter, platform.values[name])
        for name, parameter in platform.file.parameters.items()
    }


def offsets_ms(platform: Platform, up_to_ms: int) -> tuple[int, ...]:
    """Attempt times from arrival up to `up_to_ms` inclusive, if every attempt fails at once.

    Only for kinds whose times depend on the message alone (`offsets`, `polynomial`, `groups`, `never`); the
    last gap of a table is repeated. Raises ValueError for kinds that depend on scans or clocks.
    """
    until = getattr(platform.rule, "until", None)
    if until is None:
        raise ValueError(
            f"{platform.id} is of kind {platform.kind}: its attempts depend on more than the message"
        )
    offsets: tuple[int, ...] = until(up_to_ms)
    return offsets
