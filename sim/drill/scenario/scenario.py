"""A scenario as its file describes it, with its organisation: the faults, their times, and the objectives."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PlainValidator, PrivateAttr, model_validator

from sim.drill.organisation.house_rules import HouseRules, read_house_rules
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.sourced_numbers import Id
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.field_types import MilestoneName, Named, When, Within, own_ids
from sim.drill.scenario.target import Target
from sim.kernel.data_files import DataFiles, shipped_data_files
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import format_duration, parse_duration
from sim.kernel.local_time import parse_start, utc_ms_to_local


def _start(text: str) -> str:
    parse_start(text)
    return text


def _parameter_value(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("is not a whole number or a duration; write 1000 or 31h")  # noqa: TRY004
    if isinstance(value, int):
        return int(value)
    return format_duration(parse_duration(value))


ParameterValue = Annotated[int | str, PlainValidator(_parameter_value, json_schema_input_type=int | str)]
"""A whole number, or the text of a duration."""


class Parameter(Record):
    """A number of the scenario that `--set name=value` changes."""

    default: ParameterValue
    """Value if `--set` does not change it."""
    min: ParameterValue
    """Smallest value that may be set."""
    max: ParameterValue
    """Largest value that may be set."""
    changes: str
    """Path to the value: keys, and ids within lists, joined by dots; `*` for each entry of a list."""
    help: str = ""
    """Its meaning, in a few words."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len({type(value) for value in (self.default, self.min, self.max)}) != 1:
            raise ValueError(
                "`default`, `min` and `max` are of two kinds; write numbers or durations in all three"
            )
        if not size_of(self.min) <= size_of(self.default) <= size_of(self.max):
            raise ValueError(f"`default` is out of range; write {self.min} to {self.max}")
        return self


def size_of(value: int | str) -> int:
    """A parameter's value as an integer: itself, or the milliseconds of a duration."""
    return value if isinstance(value, int) else parse_duration(value)


class Ends(Record):
    """Conditions for the end of the drill."""

    when: Literal["recovered and drained"]
    """After the last fault, once no mail that arrived before its end is queued any more."""
    after_recovery_at_most_ms: DurationMs = Field(alias="after_recovery_at_most")
    """The drill ends this long after the recovery even if mail is still queued."""
    wind_down_ms: DurationMs = Field(default=0, alias="wind_down")
    """Time that it continues after recovery and drain, for ending the event and notifying people."""


class Inject(Named):
    """A message or call that reaches people at `at`, unless a milestone in `unless` has come by then."""

    kind: Literal["call", "ticket", "sms", "email"]
    """Its channel."""
    at: When
    unless: tuple[MilestoneName, ...] = ()
    """It is left out if one of these milestones has come by then."""
    from_: str = Field(alias="from", min_length=1)
    """The sender."""
    to: str = Field(min_length=1)
    """The recipient."""
    text: str = Field(min_length=1)
    """Its words."""
    marks: MilestoneName | None = None
    """The milestone that comes with it."""
    back_by: When | None = None
    """The time of the recovery that it names, right or wrong: decisions are judged by it from then on."""


class Colleague(Named):
    """A continuity event that a colleague starts without notice; `continuity show` shows it."""

    at: When
    unless: tuple[MilestoneName, ...] = ()
    """It is left out if one of these milestones has come by then."""
    by: str = Field(min_length=1)
    """The colleague's name; fictional."""
    group: str = Field(min_length=1)
    """The group that it covers; `all` for all users."""
    for_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="for")
    """Its duration."""
    chance_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """Share of drills in which it happens; the seed decides."""


class Deadline(Record):
    """A milestone, and its limit after each anchor: all limits must be kept."""

    milestone: MilestoneName
    """The milestone that must come."""
    within: Within
    """The limit after each anchor; after the latest of several joined by `and`."""


class Objective(Named):
    """A goal for the trainee.

    Met when every deadline in `met` is kept (and, at the drill's end, no milestone in `never` has come and
    every figure in `targets` is within its limit); failed when a deadline in `failed` passes, a milestone
    in `never` comes or a figure is beyond `failed_beyond`, and at the drill's end if a deadline in `met`
    was missed. Not judged: a deadline whose anchor never comes, a figure with nothing to measure, and a
    deadline that a milestone in `unless` has made needless.
    """

    learns: str = Field(min_length=1)
    """Its lesson for the trainee, in a few words."""
    met: tuple[Deadline, ...] = ()
    """Deadlines that must all be kept."""
    failed: tuple[Deadline, ...] = ()
    """Later deadlines: once one passes, the objective has failed."""
    unless: tuple[MilestoneName, ...] = ()
    """Milestones that cancel the deadlines if one comes before the limit in `met`."""
    never: tuple[MilestoneName, ...] = ()
    """Milestones that must not come."""
    targets: tuple[Target, ...] = ()
    """Figures that must all be within their limits; judged at the drill's end, or once they cannot
    improve.
    """
    shown: Literal["at once", "at the end"] = "at once"
    """`at the end`: its verdict would reveal the truth to the trainee, so it stays open until then."""
    side: Literal["availability", "protection"] = "availability"
    """Which of the two scores it counts for; they are never added up."""
    judges: Literal["decision", "outcome"] = "decision"
    """`decision`: judged on the facts known at the time; `outcome`: judged on the result."""
    source: str = Field(min_length=1)
    """Source of the target."""

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        if not self.met and not self.never and not self.targets:
            raise ValueError("has neither `met` nor `never` nor `targets`; add one of them")
        if self.unless and not self.met:
            raise ValueError("has `unless` and no `met` whose limits it would lift; remove it, or add `met`")
        return self


class Scenario(Record):
    """Faults with their times, the organisation they hit, and objectives for the trainee."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """Its name in results and in the names of kept drills."""
    title: str = Field(min_length=1)
    """The fault, in everyday words."""
    briefing: str = Field(min_length=1)
    """The text that the trainee reads at the start."""
    starts: Annotated[str, AfterValidator(_start)]
    """Local date and time, and the zone: `2026-03-02T08:00 Europe/London`."""
    ends: Ends
    """Conditions for the end of the drill."""
    organisation: Organisation
    """The organisation that it hits: the content of its file, or `include` with the name or path."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Numbers that `--set` changes, by name; every scenario has `users` and `outage`."""
    timeline: Annotated[tuple[Fault, ...], Field(min_length=1), AfterValidator(own_ids)]
    """The faults."""
    colleagues: Annotated[tuple[Colleague, ...], AfterValidator(own_ids)] = ()
    """Continuity events that a colleague starts."""
    injects: Annotated[tuple[Inject, ...], AfterValidator(own_ids)] = ()
    """Messages and calls that reach people."""
    objectives: Annotated[tuple[Objective, ...], AfterValidator(own_ids)] = ()
    """Goals for the trainee."""
    waiting: Literal["loses", "wins"] = "loses"
    """The fate of the mail without any action, compared with the reference runbook; `wins`: the lesson is
    that waiting is best.
    """
    house_rules: str | None = None
    """A file of house rules in the same folder; without it, the rules that ship with mxdrill."""
    reference: str | None = None
    """The reference runbook: the name of a shipped one, or a path relative to this file."""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    """Sources of the events."""

    _settings: dict[str, str] = PrivateAttr(default_factory=dict)
    _folder: Path | None = PrivateAttr(default=None)
    _files: DataFiles = PrivateAttr(default_factory=shipped_data_files)

    @model_validator(mode="after")
    def _times_exist(self) -> Self:
        starts_utc_ms, zone = parse_start(self.starts)
        for anchor in (*(one.at for one in self.injects), *(one.at for one in self.colleagues)):
            resolve(anchor, {}, starts_utc_ms, zone)
        groups = ["all", *(group.group for group in self.organisation.groups)]
        for colleague in self.colleagues:
            if colleague.group not in groups:
                raise ValueError(
                    f"{colleague.id} names the group {colleague.group!r}; there is {', '.join(groups)}"
                )
        return self

    @property
    def starts_utc_ms(self) -> int:
        """The drill's start, ms since 1970 UTC."""
        return parse_start(self.starts)[0]

    @property
    def zone(self) -> str:
        """IANA name of the organisation's time zone."""
        return parse_start(self.starts)[1]

    @property
    def neutral_title(self) -> str:
        """Organisation and day without the fault: `Harbour Freight Forwarding, Mon 2 Mar`."""
        start = utc_ms_to_local(self.starts_utc_ms, self.zone)
        name = self.organisation.name.partition(" (")[0]
        return f"{name}, {start:%a} {start.day} {start:%b}"

    @property
    def settings(self) -> dict[str, str]:
        """Parameters set with `--set`, as text; empty if none was."""
        return dict(self._settings)

    @property
    def files(self) -> DataFiles:
        """The data files that the drill rests on: platforms, resolvers, vendors, servers, house rules."""
        return self._files

    @property
    def rules(self) -> HouseRules:
        """The house rules of the drill. Raises BadFile."""
        return read_house_rules(self._files)

    @property
    def folder(self) -> Path | None:
        """Folder of the file; None for a scenario that was rebuilt from a journal."""
        return self._folder

    @property
    def outage_start_ms(self) -> int:
        """Start of the first fault, ms since the drill's start."""
        return min(fault.at_ms for fault in self.timeline)

    @property
    def outage_end_ms(self) -> int:
        """End of the last fault, ms since the drill's start."""
        return max(fault.until_ms for fault in self.timeline)

    @property
    def source_hash(self) -> str:
        """SHA-256 (hex) over the content: organisation and settings in it, comments not."""
        text = json.dumps(self.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def content(self) -> dict[str, Any]:
        """The scenario as plain JSON values under the names that its file uses."""
        return self.model_dump(mode="json", by_alias=True)

    def came_from(self, files: DataFiles, folder: Path | None, settings: dict[str, str]) -> Self:
        """This scenario, with its data files, its file's folder (None: unknown) and its settings."""
        self._files, self._folder, self._settings = files, folder, dict(settings)
        return self
