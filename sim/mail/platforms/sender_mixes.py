"""Mixes of sending platforms, to be compared with the organisation's own mix, because the real mix of its
senders is unpublished.

The number of messages that bounce at one platform's senders does not depend on the other senders. A run with
one mix therefore shows the result for another: each platform's part is multiplied by its share in the other
mix and divided by its share in this one. The result is exact for the mix that was run; for another mix it is
an estimate, since other messages would have been drawn.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from sim.kernel.data_files import DataFiles, data_files_of
from sim.kernel.document import DurationMs, Record
from sim.mail.platforms.platform import platform_ids
from sim.mail.platforms.platform_file import CitedSource, Sourced

Share = Annotated[int, Field(ge=1, le=100)]


class SenderMix(Sourced):
    """One mix: the platforms and their shares of the mail."""

    shares: dict[str, Share]
    """Percentage of inbound messages from each platform; the percentages sum to 100."""


class ShareFactor(Sourced):
    """The possible error of an assumed share, as a factor in both directions."""

    value: Annotated[int, Field(ge=2, le=10)]
    """Factor by which the true share may be larger or smaller."""


class FilterBounds(Sourced):
    """The smallest and the largest possible capacity of a gateway's filter, which is unpublished."""

    users_per: Annotated[int, Field(ge=1)]
    """Number of users for which `holds` and one place in the filter are given."""
    per_message_ms: tuple[DurationMs, DurationMs] = Field(alias="per_message")
    """Usual processing time of one message."""
    holds: tuple[int, int]
    """Number of messages that can queue in front of the filter."""


class SenderMixesFile(Record):
    """The mixes of the file, with their sources."""

    mxdrill: Literal[1]
    """Version of the file format."""
    id: str
    """Id of the mixes."""
    name: str
    """The name shown to users."""
    what: str
    """The purpose of the mix."""
    sources: dict[str, CitedSource]
    """The documents that each `source` cites, by the name used there."""
    share_factor: ShareFactor
    """Factor by which the assumed shares of people and mail are varied for the bands."""
    filter: FilterBounds
    """Lower and upper bound of the capacity of a gateway's filter."""
    mixes: Annotated[dict[str, SenderMix], Field(min_length=1)]
    """The mixes by name."""

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> "SenderMixesFile":
        platforms = platform_ids(data_files_of(info))
        if self.share_factor.source not in self.sources:
            raise ValueError(
                f"`share_factor` names the source {self.share_factor.source!r}; add it under `sources`"
            )
        if self.filter.source not in self.sources:
            raise ValueError(f"`filter` names the source {self.filter.source!r}; add it under `sources`")
        for name, mix in self.mixes.items():
            if mix.source not in self.sources:
                raise ValueError(f"`{name}` names the source {mix.source!r}; add it under `sources`")
            if sum(mix.shares.values()) != 100:
                total = sum(mix.shares.values())
                raise ValueError(f"the shares of `{name}` add up to {total} %; they must be 100")
            for platform in mix.shares:
                if platform not in platforms:
                    raise ValueError(
                        f"`{name}` names the platform {platform!r}; choose from {', '.join(platforms)}"
                    )
        return self


def read_sender_mixes(files: DataFiles) -> SenderMixesFile:
    """The mixes in `files`. Raises BadFile."""
    return files.read("populations/senders/mixes.yaml", SenderMixesFile)


def with_mix(counts: Mapping[str, int], own: Mapping[str, int], other: Mapping[str, int]) -> int | None:
    """The total, rounded, that `counts` (by platform, with the shares `own`) would be with the shares
    `other`.

    None: a platform of `other` does not send in the run, so its part is unknown. Pure.
    """
    if not set(other) <= {name for name, share in own.items() if share}:
        return None
    parts = [(counts.get(name, 0) * share, own[name]) for name, share in other.items()]
    return round(sum(count / share for count, share in parts))
