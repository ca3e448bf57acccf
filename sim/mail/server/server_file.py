"""The file of a mail server: how it responds to hosts that deliver to it. Numbers with their sources."""

from typing import Literal

from pydantic import Field, model_validator

from sim.kernel.data_files import DataFiles
from sim.kernel.document import DurationMs, Record
from sim.mail.platforms.platform_file import CitedSource, Id, Sourced
from sim.mail.queue.receiver import Receiver
from sim.mail.server.pressure_gauge import PressureRules


class Count(Sourced):
    """A count, with its source."""

    value: int = Field(ge=1)
    means: str


class Percent(Sourced):
    """A number in hundredths, with its source."""

    value: int = Field(ge=0, le=1000)
    means: str


class SourcedDuration(Sourced):
    """A duration, with its source."""

    value: DurationMs
    means: str


class Refusal(Sourced):
    """The text of a refusal, with its source."""

    value: str
    means: str


class BackPressureFile(Record):
    """The thresholds at which the server slows down, or refuses, hosts that deliver to it."""

    poll: SourcedDuration
    low_to_medium: Count
    medium_to_high: Count
    high_to_medium: Count
    medium_to_low: Count
    tarpit_first: SourcedDuration
    tarpit_step: SourcedDuration
    tarpit_most: SourcedDuration
    patience_polls: Count
    works_at_a_time: Count
    works_for: SourcedDuration
    refusal: Refusal

    @property
    def rules(self) -> PressureRules:
        """The rules in the form that the simulation uses."""
        return PressureRules(
            poll_ms=self.poll.value,
            low_to_medium=self.low_to_medium.value,
            medium_to_high=self.medium_to_high.value,
            high_to_medium=self.high_to_medium.value,
            medium_to_low=self.medium_to_low.value,
            tarpit_first_ms=self.tarpit_first.value,
            tarpit_step_ms=self.tarpit_step.value,
            tarpit_most_ms=self.tarpit_most.value,
            patience_polls=self.patience_polls.value,
        )

    @property
    def works(self) -> Receiver:
        """The speed at which the server processes its submission queue."""
        return Receiver(self.works_at_a_time.value, self.works_for.value)


class DiskFile(Record):
    """How accepted mail fills the disk, and the level at which the server stops accepting mail."""

    fills: Percent
    frees: Percent
    logs: Percent


class ServerFile(Record):
    """A mail server as seen by the hosts that deliver to it."""

    mxdrill: Literal[1]
    id: Id
    name: str
    what: str
    sources: dict[str, CitedSource]
    back_pressure: BackPressureFile
    disk: DiskFile
    not_modelled: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_coherent(self) -> "ServerFile":
        pressure = self.back_pressure
        for name in type(pressure).model_fields:
            fact = getattr(pressure, name)
            if fact.source not in self.sources:
                raise ValueError(
                    f"`back_pressure.{name}` names the source {fact.source!r}; add it under `sources`"
                )
        if not pressure.medium_to_low.value <= pressure.low_to_medium.value <= pressure.medium_to_high.value:
            raise ValueError(
                "`back_pressure` thresholds must rise: medium_to_low, low_to_medium, medium_to_high"
            )
        if not pressure.medium_to_low.value <= pressure.high_to_medium.value <= pressure.medium_to_high.value:
            raise ValueError(
                "`back_pressure.high_to_medium` must lie between medium_to_low and medium_to_high"
            )
        for name in type(self.disk).model_fields:
            if getattr(self.disk, name).source not in self.sources:
                raise ValueError(f"`disk.{name}` names an unknown source; add it under `sources`")
        if not self.disk.frees.value <= self.disk.fills.value <= 100:
            raise ValueError("`disk` thresholds must rise: frees, fills, 100")
        if not pressure.poll.value or not pressure.works_for.value:
            raise ValueError("`back_pressure.poll` and `works_for` must be longer than zero")
        return self


def server_ids(files: DataFiles) -> tuple[str, ...]:
    """The mail servers in `files`, sorted."""
    return files.ids("servers")


def read_server(files: DataFiles, server_id: str) -> ServerFile:
    """The file of a mail server. Raises BadFile for a bad file."""
    return files.read(f"servers/{server_id}.yaml", ServerFile)
