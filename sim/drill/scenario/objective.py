"""The objectives of a scenario: their deadlines, and the limits that they set for figures."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from sim.drill.scenario.field_types import MilestoneName, Named, Within
from sim.kernel.document import Record

_KNOWN = "figures"


def with_figures(names: Collection[str]) -> dict[str, Any]:
    """The context in which a scenario's tree is checked: its targets must name figures in `names`.

    Figures are measured on drills, so they belong to a layer above this one; the loader of a file passes the
    names that exist. Without this context, any name is accepted here, and fails when it is looked up.
    """
    return {_KNOWN: names}


def one_of_the_figures(name: str, info: ValidationInfo) -> str:
    """`name`, if there is such a figure. Raises ValueError."""
    names = (info.context or {}).get(_KNOWN)
    if names is None or name in names:
        return name
    near = get_close_matches(name, names, n=1, cutoff=0.4)
    near += [one for one in sorted(names) if one.startswith(f"{name}-") and one not in near][:5]
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(names)}"
    raise ValueError(f"there is no figure {name!r}; {hint}")


class Target(Record):
    """A figure and its limit."""

    measure: Annotated[str, AfterValidator(one_of_the_figures)]
    """Name of the figure."""
    at_most: Annotated[int, Field(ge=0)] | None = None
    """The target is met if the figure is at most this number."""
    at_least: Annotated[int, Field(ge=0)] | None = None
    """The target is met if the figure is at least this number."""
    failed_beyond: Annotated[int, Field(ge=0)] | None = None
    """The target has failed if the figure is worse than this number. If unset, a target that is not met has
    failed."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("needs either `at_most` or `at_least`; write one of them")
        bound = self.failed_beyond
        if bound is not None and (
            bound < (self.at_most or 0) if self.at_least is None else bound > self.at_least
        ):
            raise ValueError("`failed_beyond` is a value that meets the target; write a worse one")
        return self


class Deadline(Record):
    """A milestone and the time allowed to reach it after each anchor. All of these limits must be met."""

    milestone: MilestoneName
    """The milestone to reach."""
    within: Within
    """The time allowed after each anchor. For anchors joined by `and`, the time runs from the latest of
    them.
    """


class Objective(Named):
    """A goal for the trainee.

    Met when every deadline in `met` is kept and, at the end of the drill, no milestone in `never` has been
    reached and every figure in `targets` is within its limit. Failed when a deadline in `failed` passes, when
    a milestone in `never` is reached, when a figure goes beyond `failed_beyond`, or when the drill ends and a
    deadline in `met` was missed. The following are not judged: a deadline whose anchor is never
    reached, a figure with nothing to measure, and a deadline that a milestone in `unless` has cancelled.
    """

    learns: str = Field(min_length=1)
    """The lesson for the trainee, in a few words."""
    met: tuple[Deadline, ...] = ()
    """Deadlines that must all be kept."""
    failed: tuple[Deadline, ...] = ()
    """Later deadlines. The objective has failed as soon as one of them passes."""
    unless: tuple[MilestoneName, ...] = ()
    """Milestones that cancel the deadlines. One milestone is enough, if it is reached before the limit in
    `met`.
    """
    never: tuple[MilestoneName, ...] = ()
    """Milestones that must not be reached."""
    targets: tuple[Target, ...] = ()
    """Figures that must all be within their limits. Figures are judged at the end of the drill, or as soon
    as they cannot improve any more.
    """
    shown: Literal["at once", "at the end"] = "at once"
    """When the trainee sees the verdict. Use `at the end` if the verdict would give away facts that the
    trainee cannot know earlier.
    """
    side: Literal["availability", "protection"] = "availability"
    """The score that the objective counts towards. The two scores are never added up."""
    judges: Literal["decision", "outcome"] = "decision"
    """`decision`: judged by the facts known at the time; `outcome`: judged by the result."""
    source: str = Field(min_length=1)
    """Where the target comes from."""

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        if not self.met and not self.never and not self.targets:
            raise ValueError("has neither `met` nor `never` nor `targets`; add one of them")
        if self.unless and not self.met:
            raise ValueError(
                "has `unless` without a deadline in `met` that it could cancel; remove `unless`, or add `met`"
            )
        return self
