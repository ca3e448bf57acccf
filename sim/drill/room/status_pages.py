"""Vendors' status pages, which are late, vague, and sometimes wrong about the end of an incident. Pure except
for look-ups.

The truth about an incident becomes a list of posts when the drill begins; trainees see the last post, and
only when they check the page.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from sim.drill.organisation.vendor_file import Vendor
from sim.drill.room.delays import happens, wait_ms
from sim.kernel.duration import HOUR_MS
from sim.kernel.frozen import frozen

Colour = Literal["green", "amber", "red"]

ONE_INCIDENT_MS = HOUR_MS
"""The page treats faults that are closer together than this as one incident."""


@frozen
class Incident:
    """A disturbance of a vendor's service over [start_ms, end_ms). Truth."""

    vendor: str
    start_ms: int
    end_ms: int
    no_sign_in: bool = False
    """True if sign-in fails during the incident, so a page behind a sign-in cannot be reached."""


@frozen
class Post:
    """The page's content from `posted_ms` onwards."""

    posted_ms: int
    colour: Colour
    text: str
    next_ms: int | None
    """The time that the page promises for its next update; None if it promises none."""


def incidents_of(disturbances: Iterable[Incident]) -> tuple[Incident, ...]:
    """Incidents in order. Disturbances of one vendor that overlap or closely follow each other count as
    one incident.
    """
    merged: list[Incident] = []
    for one in sorted(disturbances, key=lambda one: (one.vendor, one.start_ms)):
        last = merged[-1] if merged else None
        if last and last.vendor == one.vendor and one.start_ms - last.end_ms < ONE_INCIDENT_MS:
            no_sign_in = last.no_sign_in or one.no_sign_in
            merged[-1] = Incident(one.vendor, last.start_ms, max(last.end_ms, one.end_ms), no_sign_in)
        else:
            merged.append(one)
    return tuple(merged)


def posts(vendor: Vendor, incident: Incident, seed: int, number: int) -> tuple[Post, ...]:
    """Every post about the vendor's `number`-th incident, in order.

    An incident that ends before its first post never appears on the page, as most do not (Metrist).
    """
    first_ms = incident.start_ms + wait_ms(seed, f"{vendor.id} first post", number, vendor.first_post.minutes)
    if first_ms >= incident.end_ms:
        return ()
    updates, wording = vendor.updates, vendor.wording
    made = list(_running(vendor, incident.end_ms, first_ms, seed, number))
    early_ms = incident.end_ms - wait_ms(seed, f"{vendor.id} too early", number, updates.too_early_minutes)
    relapses = happens(seed, f"{vendor.id} relapses", number, updates.too_early_percent)
    if relapses and early_ms > first_ms:
        later = next((post for post in made if post.posted_ms > early_ms), None)
        made = [post for post in made if post.posted_ms <= early_ms]
        made.append(Post(early_ms, "green", wording.too_early, None))
        if later is not None:
            made.append(Post(later.posted_ms, "amber", wording.again, later.next_ms))
    over_ms = incident.end_ms + wait_ms(seed, f"{vendor.id} resolved", number, updates.resolved_after_minutes)
    return (*made, Post(over_ms, "green", wording.resolved, None))


def _running(vendor: Vendor, end_ms: int, first_ms: int, seed: int, number: int) -> Iterator[Post]:
    """Posts during the incident; the vague ones come first."""
    posted_ms, count = first_ms, 0
    while posted_ms < end_ms:
        next_ms = posted_ms + wait_ms(
            seed, f"{vendor.id} update", number * 10_000 + count, vendor.updates.every_minutes
        )
        vague = count < vendor.updates.vague_posts
        text = vendor.wording.vague if vague else vendor.wording.specific
        yield Post(posted_ms, "amber" if vague else "red", text, next_ms)
        posted_ms, count = next_ms, count + 1


class StatusPages:
    """The pages of all vendors of an organisation."""

    def __init__(self, vendors: Mapping[str, Vendor], disturbances: Iterable[Incident], seed: int) -> None:
        self.vendors, self._seed = vendors, seed
        self._compose(disturbances)

    def _compose(self, disturbances: Iterable[Incident]) -> None:
        vendors = self.vendors
        self._disturbances = [one for one in disturbances if one.vendor in vendors]
        self._posts: dict[str, list[tuple[Post, ...]]] = {name: [] for name in vendors}
        """Posts for each vendor and incident, as on the vendor's most detailed page."""
        for incident in incidents_of(self._disturbances):
            told = self._posts[incident.vendor]
            told.append(posts(vendors[incident.vendor], incident, self._seed, len(told)))
        self._full = {name: [post for one in self._posts[name] for post in one] for name in vendors}
        self._public = {name: self._copied(name) for name in vendors}

    def amend(self, disturbances: Iterable[Incident], now_ms: int) -> None:
        """Called when incidents begin or end at other moments than before; posts already made stay."""
        full, public = self._full, self._public
        self._compose(disturbances)
        for pages, before in ((self._full, full), (self._public, public)):
            for vendor, made in pages.items():
                later = [post for post in made if post.posted_ms > now_ms]
                made[:] = [*(post for post in before[vendor] if post.posted_ms <= now_ms), *later]

    def _copied(self, vendor: str) -> list[Post]:
        """The posts of the page that needs no sign-in; copies keep the order of the originals."""
        made = self._full[vendor]
        behind = self.vendors[vendor].sign_in_page
        if behind is None:
            return [*made]
        copies: list[Post] = []
        for number, post in enumerate(made):
            lag_ms = wait_ms(self._seed, f"{vendor} public page", number, behind.public_after_minutes)
            floor_ms = copies[-1].posted_ms if copies else 0
            copies.append(replace(post, posted_ms=max(post.posted_ms + lag_ms, floor_ms)))
        return copies

    def full_at(self, vendor: str, moment_ms: int) -> Post | None:
        """The last post on the vendor's most detailed page; None before the first."""
        return _last(self._full[vendor], moment_ms)

    def public_at(self, vendor: str, moment_ms: int) -> Post | None:
        """The last post on the page without a sign-in; if there is only one page, the last post there."""
        return _last(self._public[vendor], moment_ms)

    def no_sign_in_at(self, vendor: str, moment_ms: int) -> bool:
        """True if the vendor's sign-in is down: truth."""
        return any(one.no_sign_in for one in self._active(vendor, moment_ms))

    def disturbed_at(self, vendor: str, moment_ms: int) -> bool:
        """True if the vendor has an incident at that moment: truth."""
        return bool(self._active(vendor, moment_ms))

    def disturbed_by(self, vendor: str, moment_ms: int) -> bool:
        """True if the vendor has had an incident by that moment: truth."""
        return any(one.vendor == vendor and one.start_ms <= moment_ms for one in self._disturbances)

    def since_ms(self, vendor: str, moment_ms: int) -> int | None:
        """The beginning of the vendor's present incident; None if there is none: truth."""
        return min((one.start_ms for one in self._active(vendor, moment_ms)), default=None)

    def _active(self, vendor: str, moment_ms: int) -> list[Incident]:
        return [
            one
            for one in self._disturbances
            if one.vendor == vendor and one.start_ms <= moment_ms < one.end_ms
        ]

    def priority_messages(self, vendor: str) -> list[tuple[int, str]]:
        """The vendor's text messages about Priority 1 incidents, each with its time of arrival."""
        rule, wording = self.vendors[vendor].priority_messages, self.vendors[vendor].wording
        if rule is None:
            return []
        return [
            (
                made[0].posted_ms + wait_ms(self._seed, f"{vendor} message", number, rule.minutes),
                f"Priority 1: {wording.vague}",
            )
            for number, made in enumerate(self._posts[vendor])
            if made
        ]


def _last(made: list[Post], moment_ms: int) -> Post | None:
    """The last of the posts (in order) that is visible at that moment."""
    return next((post for post in reversed(made) if post.posted_ms <= moment_ms), None)
