"""Outbound mail that the gateway has accepted and holds, while it accepts mail but does not pass it on."""

import numpy as np

from sim.kernel.draws import I64
from sim.mail.accounts.ledger import Ledger
from sim.mail.message.growing_columns import Columns
from sim.mail.message.traffic import OUTBOUND
from sim.mail.routes.inbound import Come


class HeldMail:
    """The held messages, in the order in which they were accepted; `holding`: True if more are to follow."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.holding = False
        self._kept = Columns({"id": np.int64, "since_ms": np.int64, "written_ms": np.int64})

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, ids: I64, since_ms: I64, written_ms: I64) -> None:
        """Record that the gateway has accepted mail written at `written_ms`, at one attempt each, and
        holds it.
        """
        self._ledger.hand_over(OUTBOUND, len(written_ms))
        self._kept.append([ids, since_ms, written_ms])

    @property
    def written_ms(self) -> I64:
        """The time at which each held message was written."""
        return self._kept["written_ms"]

    def since(self, since_ms: int) -> int:
        """The number of messages that the gateway is holding since `since_ms` or later."""
        return int((self._kept["since_ms"] >= since_ms).sum())

    def released(self) -> Come:
        """All held messages, by (time of acceptance, id); none of them is held any more."""
        ids, since_ms, written_ms = (self._kept[name].copy() for name in ("id", "since_ms", "written_ms"))
        order = np.lexsort((ids, since_ms))
        self._kept.cut(0)
        return Come(ids[order], since_ms[order], written_ms[order])
