"""Subjects of messages on screens: a pure function of (seed, message), computed when a message is shown.

Nothing here is part of a digest, because Faker's word lists change between its releases.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from sim.kernel.draws import below, mix, mix_one

if TYPE_CHECKING:
    from faker import Faker

_TOPICS = (
    "Quote for {city}",
    "Invoice {number}",
    "Re: delivery on {day}",
    "Your sign-in code",
    "Minutes of {day}",
    "Order {number} confirmed",
    "Fwd: {company}",
    "Question about {number}",
    "Invitation: {day} call with {company}",
    "Booking {number}: change of vessel",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@lru_cache(maxsize=1)
def _faker() -> "Faker":
    from faker import Faker  # takes 150 ms, so it is imported only when subjects are shown

    return Faker("en_GB")


def prepare() -> None:
    """Load the word lists, so that the first subject needs no waiting; may run in another thread."""
    _faker()


@lru_cache(maxsize=4096)
def subject(seed: int, identity: int) -> str:
    """The subject of a message. All firms are invented."""
    faker = _faker()
    faker.seed_instance(mix_one(seed, "label", identity))
    topic = _TOPICS[int(below(mix(seed, "topic", identity), len(_TOPICS))[0])]
    return topic.format(
        city=faker.city(),
        number=faker.random_int(10_000, 99_999),
        day=_DAYS[faker.random_int(0, 4)],
        company=faker.company(),
    )
