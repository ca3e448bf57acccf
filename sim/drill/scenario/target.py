"""The limit that an objective sets for a figure, as a scenario's file describes it."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

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
