"""Messages that a host has just accepted, with the draws for each."""

import numpy as np

from sim.kernel.draws import I64, mix, pick
from sim.kernel.duration import NEVER_MS
from sim.mail.message.rows import NO_ROWS, Rows, fresh_rows
from sim.mail.users.outbox import recipients
from sim.mail.world_spec import WorldSpec


def accepted(spec: WorldSpec, users: int, ids: I64, arrival_ms: I64, written_ms: I64) -> Rows:
    """Rows for `ids`, with their recipients (out of `users` users) and the end of their useful life."""
    if not len(ids):
        return NO_ROWS
    whom = recipients(spec.seed, ids, users, spec.busy_permille)
    return fresh_rows(ids, arrival_ms, whom, worthless(spec, ids, written_ms))


def worthless(spec: WorldSpec, ids: I64, written_ms: I64) -> I64:
    """The end of the useful life of each of `ids`; NEVER_MS: never."""
    life_ms = np.array(spec.life_ms, dtype=np.int64)
    life = pick(mix(spec.seed, "useful life", ids), list(spec.life_permille))
    over_ms: I64 = np.minimum(written_ms + life_ms[life], NEVER_MS)
    return over_ms
