"""A conductor that trusts nothing: after each entry it asks every watcher again, although nothing changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sim.drill.services.post_office import PostOffice
from sim.kernel.conductor import Conductor, Watcher
from sim.mail.queue.queue_state import QueueState
from sim.mail.routes.suppression_lists import SuppressionLists
from sim.mail.users.users import Users

_heed_changes = Conductor._heed_changes
_forget_ahead, _ways_changed = QueueState.forget_ahead, Users.ways_changed


def _in_vain(watcher: Watcher, believed_ms: int | None, now_ms: int | None) -> bool:
    """Some looks find nothing, or are no longer needed: those of lists, and those for delay notices."""
    return (
        isinstance(watcher, (SuppressionLists, PostOffice))
        and believed_ms is not None
        and (now_ms is None or now_ms > believed_ms)
    )


@contextmanager
def doubted() -> Iterator[None]:
    """Drills in this block fail at the first answer that a change without a new version has made wrong, and
    at the first change while the table lags.
    """
    present: list[Conductor] = []

    def doubt(conductor: Conductor) -> None:
        present[:] = [conductor]
        before = conductor._heeded
        _heed_changes(conductor)
        if conductor._heeded != before:
            return
        conductor.catch_up()
        for one in conductor._foreseen:
            if one.until_ms > conductor.now_ms:
                now_ms = one.watcher.first_crossing(conductor.now_ms, one.until_ms)
                if _in_vain(one.watcher, one.moment_ms, now_ms):
                    continue
                assert now_ms == one.moment_ms, f"{one.watcher} at {conductor.now_ms} ms: an unnoticed change"

    def up_to_now() -> None:
        for conductor in present:
            assert conductor._reached_ms == conductor.now_ms, "a change while the table lags"

    def forget_ahead(queue: QueueState) -> None:
        up_to_now()
        _forget_ahead(queue)

    def ways_changed(users: Users, now_ms: int) -> None:
        up_to_now()
        _ways_changed(users, now_ms)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conductor, "_heed_changes", doubt)
        patch.setattr(QueueState, "forget_ahead", forget_ahead)
        patch.setattr(Users, "ways_changed", ways_changed)
        yield
