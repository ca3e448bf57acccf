"""A scenario as its file describes it, with its organisation in it: what breaks, when, for whom."""

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
    """What it is when nothing is set."""
    min: ParameterValue
    """The least that may be set."""
    max: ParameterValue
    """The most that may be set."""
    changes: str
    """Path to the value: keys, and ids within lists, joined by dots; `*` for each entry of a list."""
    help: str = ""
    """What it is, in a few words."""

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
    """When the drill is over."""

    when: Literal["recovered and drained"]
    """After the last fault, when nothing that arrived before its end is queued any more."""
    after_recovery_at_most_ms: DurationMs = Field(alias="after_recovery_at_most")
    """The drill ends then even if something still waits."""
    wind_down_ms: DurationMs = Field(default=0, alias="wind_down")
    """How long it goes on after recovery and drain: time to end the event and to tell people."""


class Inject(Named):
    """Something that reaches people at `at`, unless a milestone in `unless` has come by then."""

    kind: Literal["call", "ticket", "sms", "email"]
    """How it reaches people."""
    at: When
    unless: tuple[MilestoneName, ...] = ()
    """It is left out if one of these has happened by then."""
    from_: str = Field(alias="from", min_length=1)
    """The sender."""
    to: str = Field(min_length=1)
    """To whom it is said."""
    text: str = Field(min_length=1)
    """What is said."""
    marks: MilestoneName | None = None
    """The milestone that comes with it."""
    back_by: When | None = None
    """The time of the return that it names, right or wrong: decisions are judged by it from then on."""


class Colleague(Named):
    """Somebody else starts a continuity event, and does not say so; `continuity show` tells."""

    at: When
    unless: tuple[MilestoneName, ...] = ()
    """It is left out if one of these has happened by then."""
    by: str = Field(min_length=1)
    """Name; fictional."""
    group: str = Field(min_length=1)
    """For which group; `all` for everybody."""
    for_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="for")
    """How long it lasts."""
    chance_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """In how many drills it happens; the seed decides."""


class Deadline(Record):
    """A milestone and how long after each anchor it may come: all of them must be kept."""

    milestone: MilestoneName
    """What is to come."""
    within: Within
    """For each anchor, how long after it; after the latest of several joined by `and`."""


class Objective(Named):
    """What the trainee should achieve.

    Met when every deadline in `met` is kept (and, at the drill's end, nothing in `never` has come and
    every figure in `targets` is as asked); failed when a deadline in `failed` passes, something in
    `never` comes or a figure is beyond its worst, and at the drill's end if a deadline in `met` was
    missed. A deadline whose anchor never comes is not judged, nor is a figure of which there is nothing
    to measure, nor what a milestone in `unless` has made needless.
    """

    learns: str = Field(min_length=1)
    """What the trainee takes home, in a few words."""
    met: tuple[Deadline, ...] = ()
    """Deadlines that must all be kept."""
    failed: tuple[Deadline, ...] = ()
    """Later deadlines, after which it is failed at once."""
    unless: tuple[MilestoneName, ...] = ()
    """Deadlines are not asked for any more if one of these has come before the limit in `met`."""
    never: tuple[MilestoneName, ...] = ()
    """What must not happen."""
    targets: tuple[Target, ...] = ()
    """Figures that must all be as asked; judged at the drill's end, or once nothing can mend them."""
    shown: Literal["at once", "at the end"] = "at once"
    """`at the end`: its verdict would reveal the truth to the trainee, so it stays open until then."""
    side: Literal["availability", "protection"] = "availability"
    """Which of the two scores it counts for; they are never added up."""
    judges: Literal["decision", "outcome"] = "decision"
    """`decision`: judged on what was known; `outcome`: judged on the result."""
    source: str = Field(min_length=1)
    """Where the target comes from."""

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        if not self.met and not self.never and not self.targets:
            raise ValueError("has neither `met` nor `never` nor `targets`; add what is to be achieved")
        if self.unless and not self.met:
            raise ValueError(
                "has `unless` and no `met` whose limits it would lift; take it away, or add `met`"
            )
        return self


class Scenario(Record):
    """What breaks, when, in which organisation, and what is asked of the trainee."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """Its name in results and in the names of kept drills."""
    title: str = Field(min_length=1)
    """What is wrong, as people would say it."""
    briefing: str = Field(min_length=1)
    """What the trainee is told at the start."""
    starts: Annotated[str, AfterValidator(_start)]
    """Local date and time, and the zone: `2026-03-02T08:00 Europe/London`."""
    ends: Ends
    """When the drill is over."""
    organisation: Organisation
    """Where it happens: the content of an organisation file, or `include` with one's name or path."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """What `--set` changes, by name; every scenario has `users` and `outage`."""
    timeline: Annotated[tuple[Fault, ...], Field(min_length=1), AfterValidator(own_ids)]
    """What breaks, and when."""
    colleagues: Annotated[tuple[Colleague, ...], AfterValidator(own_ids)] = ()
    """Continuity events that a colleague starts."""
    injects: Annotated[tuple[Inject, ...], AfterValidator(own_ids)] = ()
    """What reaches people, and when."""
    objectives: Annotated[tuple[Objective, ...], AfterValidator(own_ids)] = ()
    """What is asked of the trainee."""
    waiting: Literal["loses", "wins"] = "loses"
    """What becomes of the mail if nobody does anything, beside the reference runbook; `wins`: that waiting is
    best is the lesson."""
    house_rules: str | None = None
    """A file of house rules beside this one; none: the rules that ship with mxdrill."""
    reference: str | None = None
    """The reference runbook: a shipped one's name, or a path beside the scenario's file."""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    """Where what happens is taken from."""

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
        """Organisation and day, `Harbour Freight Forwarding, Mon 2 Mar`: `title` says what breaks."""
        start = utc_ms_to_local(self.starts_utc_ms, self.zone)
        name = self.organisation.name.partition(" (")[0]
        return f"{name}, {start:%a} {start.day} {start:%b}"

    @property
    def settings(self) -> dict[str, str]:
        """What was set with `--set`, as text; empty if nothing was."""
        return dict(self._settings)

    @property
    def files(self) -> DataFiles:
        """The data files that the drill rests on: platforms, resolvers, vendors, servers, house rules."""
        return self._files

    @property
    def rules(self) -> HouseRules:
        """The house rules that the drill is played by. Raises BadFile."""
        return read_house_rules(self._files)

    @property
    def folder(self) -> Path | None:
        """Where the file is, None for a scenario that was rebuilt from a journal."""
        return self._folder

    @property
    def outage_start_ms(self) -> int:
        """The first fault begins, ms since the drill's start."""
        return min(fault.at_ms for fault in self.timeline)

    @property
    def outage_end_ms(self) -> int:
        """The last fault ends, ms since the drill's start."""
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
