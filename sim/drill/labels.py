"""Names and subjects for what is shown: a pure function of (seed, message), made when looked at.

Nothing here enters a digest: Faker's word lists change between its releases.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sim.kernel.draws import below, mix, mix_one
from sim.mail.traffic import INBOUND

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


@dataclass(frozen=True, slots=True)
class Label:
    """What a person sees of a message."""

    subject: str
    sender: str
    recipient: str


@lru_cache(maxsize=1)
def _faker() -> "Faker":
    from faker import Faker  # 150 ms: only when something is looked at

    return Faker("en_GB")


@lru_cache(maxsize=4096)
def label(seed: int, identity: int, direction: int, recipient: int, domain: str) -> Label:
    """What a message looks like. All people and firms are invented."""
    faker = _faker()
    faker.seed_instance(mix_one(seed, "label", identity))
    topic = _TOPICS[int(below(mix(seed, "topic", identity), len(_TOPICS))[0])]
    subject = topic.format(
        city=faker.city(),
        number=faker.random_int(10_000, 99_999),
        day=_DAYS[faker.random_int(0, 4)],
        company=faker.company(),
    )
    author = faker.user_name()
    outside = f"{author}@{faker.domain_word()}.example"
    return Label(
        subject, outside if direction == INBOUND else f"{author}@{domain}", f"user{recipient:04d}@{domain}"
    )
