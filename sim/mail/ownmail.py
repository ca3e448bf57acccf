"""Mail that the organisation's own users write: to the outside, and to each other.

With the mail server up it leaves at once. In a continuity event it goes from the app through the
gateway: outbound to the internet, internal into the gateway's *inbound* queue. Otherwise it waits
in the user's Outbox (custody `at_sender`) until the client has reconnected to the server.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix, within
from sim.mail.rows import DELIVERED, NEVER_MS, Gone, in_order
from sim.mail.traffic import Messages
from sim.mail.users import Users

RECONNECT_MS = 5 * 60_000
"""A cached client finds its server again within this time (assumed)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What users sent in a stretch: gone at once, into the gateway's queue, or into an Outbox."""

    gone: Gone
    queued: Messages
    outbox: Messages


def senders(seed: int, ids: I64, users: int) -> I64:
    """The user who wrote each message."""
    return below(mix(seed, "sender", ids), users)


def recipients(seed: int, ids: I64, users: int) -> NDArray[np.int32]:
    """The user to whom each inbound or internal message goes."""
    return below(mix(seed, "recipient", ids), users).astype(np.int32)


def post(seed: int, mail: Messages, users: Users, server_answers: bool, internal: bool) -> Posted:
    """Where `mail` of one direction goes while the server answers, or does not; pure."""
    in_event = users.in_continuity(senders(seed, mail.id, users.count), mail.arrival_ms)
    through_app = in_event & internal
    at_once = ~through_app & (in_event | server_answers)
    stays = ~through_app & ~at_once
    return Posted(_gone_at(mail, at_once, mail.arrival_ms), _some(mail, through_app), _some(mail, stays))


def _some(mail: Messages, mask: NDArray[np.bool_]) -> Messages:
    return Messages(mail.id[mask], mail.arrival_ms[mask])


def _gone_at(mail: Messages, mask: NDArray[np.bool_], time_ms: I64) -> Gone:
    count = int(mask.sum())
    return Gone(
        time_ms[mask],
        np.full(count, DELIVERED, dtype=np.int8),
        mail.id[mask],
        mail.arrival_ms[mask],
        np.zeros(count, dtype=np.int32),
        np.ones(count, dtype=np.int32),
        np.full(count, NEVER_MS, dtype=np.int64),
    )


class Outbox:
    """Messages in their writers' Outboxes, and when each client reconnects."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._mail = Messages(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        self._due_ms = np.empty(0, dtype=np.int64)

    @property
    def mail(self) -> Messages:
        return self._mail

    @property
    def due_ms(self) -> I64:
        return self._due_ms

    def put(self, mail: Messages) -> None:
        self._mail = Messages(
            np.concatenate([self._mail.id, mail.id]), np.concatenate([self._mail.arrival_ms, mail.arrival_ms])
        )
        self._due_ms = np.concatenate([self._due_ms, np.full(len(mail), NEVER_MS, dtype=np.int64)])

    def server_back(self, now_ms: int) -> None:
        self._due_ms = now_ms + within(mix(self._seed, "reconnect", self._mail.id), RECONNECT_MS)

    def server_lost(self) -> None:
        self._due_ms = np.full(len(self._mail), NEVER_MS, dtype=np.int64)

    def leave(self, to_ms: int) -> Gone:
        """What is sent before `to_ms`."""
        leaving = self._due_ms < to_ms
        out = in_order(_gone_at(self._mail, leaving, self._due_ms))
        self._mail = _some(self._mail, ~leaving)
        self._due_ms = self._due_ms[~leaving]
        return out
