"""Blocks of numbers in people's files, each with its source and its confidence."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.drill.organisation.working_hours import checked_hours
from sim.kernel.document import Record
from sim.kernel.file_mistakes import WrongEntry


def only_once(what: str, names: list[str]) -> None:
    """Raises ValueError if `names` has a name twice."""
    for index, one in enumerate(names):
        if one in names[:index]:
            raise WrongEntry((index, what), f"has the {what} {one!r} twice; use each only once")


Confidence = Literal["vendor", "rfc", "measured", "derived", "assumed"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=60)]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Quantiles = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=2)]
"""Equally spaced quantiles of a distribution, from 0 % to 100 %; values between them are interpolated in
integers.
"""


WorkingHours = Annotated[str, AfterValidator(checked_hours)]
"""Working hours in local time, such as `Mon-Fri 08:00-18:00`."""


class Block(Record):
    """Numbers with their source."""

    source: str = Field(min_length=1)
    """Where the numbers in this block come from."""
    confidence: Confidence
    """How reliable these numbers are."""
    assumed: tuple[str, ...] = ()
    """Fields of this block that are assumed, regardless of the block's `confidence`."""

    @model_validator(mode="after")
    def _assumed_are_fields(self) -> Self:
        names = {field.alias or name for name, field in type(self).model_fields.items()}
        for name in self.assumed:
            if name not in names:
                raise ValueError(
                    f"`assumed` names {name!r}, which is not a field of this block; name fields of this block"
                )
        return self

    def confidence_of(self, field: str) -> Confidence:
        """Confidence in the number in `field` (its name in the file)."""
        return "assumed" if field in self.assumed else self.confidence
