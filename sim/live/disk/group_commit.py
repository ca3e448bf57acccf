"""Syncs messages that arrive together to disk together; only then are they acknowledged.

While a thread writes one group, the messages that arrive form the next group. A group is one file in the
spool and one write to the journal: it is stored as a whole, or not at all.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sim.drill.services.real_mail import Letter
from sim.live.disk.spool import Pieces, Spool
from sim.live.lab_session import LabSession

MOST_OCTETS = 8 << 20
"""A group that has reached this size does not get further messages."""

Letters = Callable[[str], Sequence[Letter]]
"""Called with a message's name in the spool; returns the messages to be recorded for it."""


@dataclass(slots=True)
class _Uncommitted:
    pieces: Pieces
    letters: Letters
    name: str = ""
    done: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit:
    """Brings accepted messages to the spool and the journal."""

    def __init__(self, spool: Spool, drill: LabSession) -> None:
        self._spool, self._drill = spool, drill
        self._waiting: list[_Uncommitted] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, pieces: Pieces, letters: Letters) -> str:
        """Return the name of the message once it is on disk and journaled.

        Raises OSError or DiskFull, in which case the message is in neither.
        """
        one = _Uncommitted(pieces, letters)
        self._waiting.append(one)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="mxdrill group commit")
        return await one.done

    async def stop(self) -> None:
        """Write the messages that have arrived; must be called once no more can arrive."""
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        await asyncio.sleep(0)  # messages completed in this pass of the loop join the group
        while self._waiting:
            group = self._next_group()
            try:
                names = await asyncio.to_thread(self._spool.put_all, [one.pieces for one in group])
                self._journal(group, names)
            except Exception as why:  # each sender gets the error in its own session
                for one in group:
                    if not one.done.done():
                        one.done.set_exception(why)
            else:
                for one, name in zip(group, names, strict=True):
                    if not one.done.done():
                        one.done.set_result(name)

    def _journal(self, group: Sequence[_Uncommitted], names: Sequence[str]) -> None:
        letters = [letter for one, name in zip(group, names, strict=True) for letter in one.letters(name)]
        try:
            self._drill.receive_all(letters)
        except BaseException:
            self._spool.drop(names[0])
            raise

    def _next_group(self) -> list[_Uncommitted]:
        octets, count = 0, 0
        for one in self._waiting:
            count, octets = count + 1, octets + sum(map(len, one.pieces))
            if octets >= MOST_OCTETS:
                break
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group
