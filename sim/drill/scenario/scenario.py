"""A scenario as its file describes it, with its organisation: the faults, their times, and the objectives."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from sim.drill.organisation.house_rules import HouseRules, read_house_rules
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.sourced_numbers import Id
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.field_types import MilestoneName, Named, When, WhenState, own_ids
from sim.drill.scenario.objective import Objective
from sim.drill.scenario.parameters import Parameter
from sim.kernel.data_files import DataFiles, shipped_data_files
from sim.kernel.document import DurationMs, Record
from sim.kernel.local_time import parse_start, utc_ms_to_local


def _start(text: str) -> str:
    parse_start(text)
    return text


class Ends(Record):
    """When the drill ends."""

    when: Literal["recovered and drained"]
    """The drill ends once the last fault is over and all mail that arrived before then has left the
    queues.
    """
    after_recovery_at_most_ms: DurationMs = Field(alias="after_recovery_at_most")
    """Maximum time from the recovery to the end of the drill, even if mail is still queued."""
    wind_down_ms: DurationMs = Field(default=0, alias="wind_down")
    """Extra time after recovery and drain, so that the trainee can end the event and notify people."""


class Inject(Named):
    """A message or call that reaches people at `at`, or as soon as `when` is true, unless a milestone in
    `unless` is reached first.
    """

    kind: Literal["call", "ticket", "sms", "email", "post"]
    """The channel: a call, a ticket, a text message, an email, or a public post of a vendor."""
    at: When | None = None
    """The moment at which the inject fires. Give either `at` or `when`."""
    when: WhenState | None = None
    """The condition on which the inject fires, once."""
    unless: tuple[MilestoneName, ...] = ()
    """The entry is skipped if one of these milestones has been reached by then."""
    from_: str = Field(alias="from", min_length=1)
    """The sender."""
    to: str = Field(min_length=1)
    """The recipient."""
    text: str = Field(min_length=1)
    """The text of the message or call."""
    marks: MilestoneName | None = None
    """The milestone that is reached when people get this message."""
    number: str | None = Field(default=None, min_length=1, max_length=20)
    """Posts only: the vendor's number for the incident, such as `EX1224375`."""
    began: When | None = None
    """Posts only: when the incident began according to the vendor, right or wrong."""
    back_by: When | None = None
    """The recovery time given in the text, right or wrong. Decisions made after this message are judged
    against that time.
    """

    @model_validator(mode="after")
    def _has_a_cause(self) -> Self:
        if self.at is None and self.when is None:
            raise ValueError("has neither `at` with a moment nor `when` with a condition; write one of them")
        if self.at is not None and self.when is not None:
            raise ValueError(
                "has both `at` and `when`; write the moment in the condition: `queue > 0 and T+2h`"
            )
        return self

    @property
    def awaits(self) -> tuple[str, ...]:
        """Milestones that the inject's moment or condition names."""
        return self.at.milestones if self.at else self.when.milestones if self.when else ()

    @model_validator(mode="after")
    def _is_a_post(self) -> Self:
        if self.kind == "post" and (self.number is None or self.began is None):
            raise ValueError("a post has a `number` and says when the incident `began`; add both")
        if self.kind != "post" and (self.number or self.began):
            raise ValueError("`number` and `began` belong to a post; leave them out")
        return self


class Colleague(Named):
    """A continuity event that a colleague starts without notice; `continuity show` shows it."""

    at: When
    unless: tuple[MilestoneName, ...] = ()
    """The entry is skipped if one of these milestones has been reached by then."""
    by: str = Field(min_length=1)
    """The colleague's name (fictional)."""
    group: str = Field(min_length=1)
    """The group that the event covers; `all` covers all users."""
    for_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="for")
    """How long the event lasts."""
    chance_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """Chance, in percent, that the colleague starts the event in a drill; the seed decides."""


class Scenario(Record):
    """Faults with their times, the organisation they hit, and objectives for the trainee."""

    mxdrill: Literal[1]
    """Version of the file format."""
    id: Id
    """The scenario's id in results and in the file names of saved drills."""
    title: str = Field(min_length=1)
    """The scenario in everyday words."""
    briefing: str = Field(min_length=1)
    """The text that the trainee reads at the start."""
    starts: Annotated[str, AfterValidator(_start)]
    """Start of the drill, as local date, time and time zone: `2026-03-02T08:00 Europe/London`."""
    ends: Ends
    """When the drill ends."""
    organisation: Organisation
    """The affected organisation: either the content of its file, or `include` with its name or path."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Numbers that `--set` can change, by name. Every scenario has `users` and `outage`."""
    timeline: Annotated[tuple[Fault, ...], Field(min_length=1), AfterValidator(own_ids)]
    """The faults."""
    colleagues: Annotated[tuple[Colleague, ...], AfterValidator(own_ids)] = ()
    """Continuity events that colleagues start."""
    injects: Annotated[tuple[Inject, ...], AfterValidator(own_ids)] = ()
    """Messages and calls that reach people."""
    objectives: Annotated[tuple[Objective, ...], AfterValidator(own_ids)] = ()
    """Goals for the trainee."""
    waiting: Literal["loses", "wins"] = "loses"
    """How doing nothing compares with the reference runbook. `loses`: doing nothing loses more mail; `wins`:
    the lesson is that waiting is best.
    """
    house_rules: str | None = None
    """Name of a file of house rules in the same folder. If unset, the rules shipped with mxdrill apply."""
    reference: str | None = None
    """The reference runbook: the name of a shipped runbook, or a path relative to this file."""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    """Where the course of events comes from."""

    _settings: dict[str, str] = PrivateAttr(default_factory=dict)
    _folder: Path | None = PrivateAttr(default=None)
    _files: DataFiles = PrivateAttr(default_factory=shipped_data_files)

    @model_validator(mode="after")
    def _times_exist(self) -> Self:
        starts_utc_ms, zone = parse_start(self.starts)
        for inject in self.injects:
            for anchor in (inject.at,) if inject.at else inject.when.anchors if inject.when else ():
                resolve(anchor, {}, starts_utc_ms, zone)
        for colleague in self.colleagues:
            resolve(colleague.at, {}, starts_utc_ms, zone)
        groups = ["all", *(group.group for group in self.organisation.groups)]
        for colleague in self.colleagues:
            if colleague.group not in groups:
                raise ValueError(
                    f"{colleague.id} names the group {colleague.group!r}; choose from {', '.join(groups)}"
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
        """The organisation and the day, without the fault: `Harbour Freight Forwarding, Mon 2 Mar`."""
        start = utc_ms_to_local(self.starts_utc_ms, self.zone)
        name = self.organisation.name.partition(" (")[0]
        return f"{name}, {start:%a} {start.day} {start:%b}"

    @property
    def settings(self) -> dict[str, str]:
        """Parameters set with `--set`, as text; empty if none were set."""
        return dict(self._settings)

    @property
    def files(self) -> DataFiles:
        """The data files that the drill depends on: platforms, resolvers, vendors, servers, house rules."""
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
        """SHA-256 (hex) of the content with the organisation and the settings, but without comments."""
        text = json.dumps(self.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def content(self) -> dict[str, Any]:
        """The scenario as plain JSON values under the names that its file uses."""
        return self.model_dump(mode="json", by_alias=True)

    def came_from(self, files: DataFiles, folder: Path | None, settings: dict[str, str]) -> Self:
        """This scenario with its data files, its file's folder (None: unknown) and its settings."""
        self._files, self._folder, self._settings = files, folder, dict(settings)
        return self
