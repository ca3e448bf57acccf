"""Messages that a host has just accepted, with what is drawn for each."""

import numpy as np

from sim.kernel.draws import I64, mix, pick
from sim.mail.ownmail import recipients
from sim.mail.rows import NEVER_MS, NO_ROWS, Rows, fresh_rows
from sim.mail.world_spec import WorldSpec


def accepted(spec: WorldSpec, users: int, ids: I64, arrival_ms: I64, written_ms: I64) -> Rows:
    """Rows of `ids`, with their recipients (of so many `users`) and the end of their use."""
    if not len(ids):
        return NO_ROWS
    life_ms = np.array(spec.life_ms, dtype=np.int64)
    life = pick(mix(spec.seed, "useful life", ids), list(spec.life_permille))
    worthless_ms = np.minimum(written_ms + life_ms[life], NEVER_MS)
    return fresh_rows(ids, arrival_ms, recipients(spec.seed, ids, users, spec.busy_permille), worthless_ms)
