"""The file of a resolver: every number with its source and its confidence."""

from typing import Literal

from pydantic import Field, model_validator

from sim.kernel.document import DurationMs, Record
from sim.mail.platforms.platform_file import CitedSource, Id, Sourced

Role = Literal[
    "max_ttl", "max_ttl_floor", "max_ttl_of_negatives", "min_ttl", "min_ttl_cap", "min_ttl_of_negatives",
    "max_negative", "min_negative", "min_negative_cap",
    "negatives_share_expiry", "no_negatives", "cached_types", "cache_mode",
    "prefetch", "prefetch_percent", "prefetch_window", "prefetch_negatives", "prefetch_hidden",
    "stale", "stale_kept", "stale_for", "stale_span", "stale_steps", "stale_step", "stale_first",
    "stale_wait", "stale_reply_ttl", "stale_reply_capped", "stale_recheck",
    "slack", "rest", "probe", "settle", "down", "host",
    "stretch_factor", "stretch_cap", "stretch_share", "stub", "stub_max_ttl",
]  # fmt: skip
"""What a number means in the simulation; the setting keeps the name that the product gives it."""

Type = Literal[
    "seconds", "milliseconds", "switch", "percent", "types", "window", "count", "span-or-switch", "choice",
    "table", "ppm",
]  # fmt: skip


class Number(Sourced):
    """One number or behaviour, in the product's own notation."""

    value: str | int
    type: Type
    means: str
    choices: tuple[str, ...] = ()
    zero_is_off: bool = Field(False, description="0 means no limit")


class Setting(Number):
    """A number that `--set` takes under the product's own name."""

    role: Role
    also: tuple[str, ...] = Field((), description="other names of the setting in the product")


class Manner(Sourced):
    """How the resolver behaves when an authority does not answer."""

    value: Literal["next-question", "rest", "doubling"]


class FlushPage(Sourced):
    """A public page that flushes a name from the cache."""

    value: str


class ResolverFile(Record):
    """A resolver: how long it keeps answers, and how it behaves when no authority answers."""

    mxdrill: Literal[1]
    id: Id
    name: str
    version: str = ""
    what: str
    sources: dict[str, CitedSource]
    settings: dict[str, Setting] = Field(default_factory=dict)
    fixed: dict[Role, Number] = Field(default_factory=dict)
    dead_authority: Manner
    flush_page: FlushPage | None = None
    contradictions: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()

    def facts(self) -> dict[str, Sourced]:
        """Everything in the file that has a source, by its name in lists."""
        found: dict[str, Sourced] = {**self.settings}
        found |= {str(role): number for role, number in self.fixed.items()}
        found["dead_authority"] = self.dead_authority
        if self.flush_page:
            found["flush_page"] = self.flush_page
        return found

    @model_validator(mode="after")
    def _consistent(self) -> "ResolverFile":
        for where, fact in self.facts().items():
            if fact.source not in self.sources:
                raise ValueError(f"`{where}` names the source {fact.source!r}; add it under `sources`")
        roles = [setting.role for setting in self.settings.values()] + list(self.fixed)
        twice = sorted({role for role in roles if roles.count(role) > 1})
        if twice:
            raise ValueError(f"two settings have the role {twice[0]!r}; keep one of them")
        return self


class Share(Sourced):
    """A kind of cache, and the number of caches in a million that are of this kind."""

    ppm: int = Field(ge=0, le=1_000_000)


class PopulationFile(Record):
    """The resolvers that a domain's correspondents use."""

    mxdrill: Literal[1]
    id: Id
    name: str
    what: str
    sources: dict[str, CitedSource]
    shares: dict[str, Share]

    @model_validator(mode="after")
    def _whole(self) -> "PopulationFile":
        total = sum(share.ppm for share in self.shares.values())
        if total != 1_000_000:
            raise ValueError(f"the shares add up to {total} of a million; make it 1000000")
        for name, share in self.shares.items():
            if share.source not in self.sources:
                raise ValueError(f"`shares.{name}` names the source {share.source!r}; add it under `sources`")
        return self


class Delay(Sourced):
    """A duration with its source."""

    value: DurationMs
    means: str


class PublicationFile(Record):
    """Delays of a change on its way from an administrator's editor to every authoritative server, and to
    every delegation.
    """

    mxdrill: Literal[1]
    id: Id
    name: str
    what: str
    sources: dict[str, CitedSource]
    delays: dict[str, Delay]
    delegation: dict[Literal["parent-ttl"], Delay]
    child_centric: Share

    @model_validator(mode="after")
    def _sources_exist(self) -> "PublicationFile":
        facts: list[tuple[str, Delay | Share]] = [("child_centric", self.child_centric)]
        facts += [*self.delays.items(), *self.delegation.items()]
        for where, fact in facts:
            if fact.source not in self.sources:
                raise ValueError(f"`{where}` names the source {fact.source!r}; add it under `sources`")
        return self
