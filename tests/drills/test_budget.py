"""What a run may cost, in operations: seconds depend on the machine, these do not.

Each limit is about twice what was counted when it was written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from sim.drill.scenario.build_world import look_ahead_ms
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel import draws
from sim.kernel.conductor import LOOK_AHEAD_MS, _Foreseen
from sim.kernel.digest import Fingerprint
from sim.kernel.duration import DAY_MS
from sim.kernel.series import Times
from sim.mail.message.growing_columns import Columns
from sim.mail.message.rows import Rows
from sim.mail.message.traffic import Bin, Stream
from sim.mail.queue.attempt_times import Slots
from sim.mail.world import World


@dataclass
class Cost:
    """Operations of one run."""

    messages: int = 0
    """All that were written, in every direction."""
    rows: int = 0
    """Rows that are moved into a column, that are gone through, or whose attempts are counted."""
    drawn: int = 0
    """Numbers that were drawn."""
    made: int = 0
    """Messages whose moments were worked out, to hand them out or to count them."""
    stretches: int = 0
    """How often the table was advanced."""
    asked: int = 0
    """How often a watcher was asked."""
    changes: int = 0
    sorted: int = 0
    """Rows that were sorted by more than one key."""

    @property
    def sorted_each(self) -> float:
        return self.sorted / self.messages

    @property
    def rows_each(self) -> float:
        return self.rows / self.messages

    @property
    def drawn_each(self) -> float:
        return self.drawn / self.messages

    @property
    def made_each(self) -> float:
        return self.made / self.messages


Run = Callable[..., Cost]
"""Users, how long the outage lasts, how many looks people take in four days, spread evenly; or `book`, an
outage that is played by its reference.
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A drill in which nobody does more than look, and what it cost."""
    cost = Cost()

    def count(owner: Any, name: str, adds: Callable[..., None]) -> None:
        original = getattr(owner, name)

        def counting(*args: Any) -> Any:
            adds(*args)
            return original(*args)

        monkeypatch.setattr(owner, name, counting)

    def rows(number: int) -> None:
        cost.rows += number

    def drawn(number: int) -> None:
        cost.drawn += number

    def made(bins: Sequence[Bin]) -> None:
        cost.made += sum(messages for messages, _spread in bins)

    def stretch(_world: World, _to_ms: int) -> None:
        cost.stretches += 1

    def asked(_one: _Foreseen) -> None:
        cost.asked += 1

    def in_turn(keys: Any) -> None:
        cost.sorted += len(keys[0])

    count(Slots, "attempted", lambda _slots, some, _to_ms: rows(len(some)))
    count(Rows, "take", lambda some, _which: rows(len(some)))
    count(Columns, "append", lambda _columns, columns: rows(len(columns[0])))
    count(Times, "extend", lambda _times, times_ms: rows(len(times_ms)))
    count(Fingerprint, "rows", lambda _record, *columns: rows(len(columns[0])))
    count(draws, "_stir", lambda bits: drawn(len(bits)))
    count(Stream, "_drawn", lambda _stream, _first, bins: made(bins))
    count(World, "advance", stretch)
    count(_Foreseen, "ask", lambda one, *_bounds: asked(one))
    count(np, "lexsort", in_turn)

    def play_it(users: int, outage: str, looks: int = 0, book: str = "") -> Cost:
        cost.rows = cost.drawn = cost.made = cost.stretches = cost.asked = cost.sorted = 0
        one = load_scenario(book or "exchange-down", {"users": str(users), "outage": outage})
        session = Session(one, 1, None)
        for number in range(looks):
            session.advance((number + 1) * 4 * DAY_MS // (looks + 1))
            session.dispatch("status check gateway" if number % 2 else "note a look")
        play(session, reference_runbook(one) if book else None)
        generated = sum(session.drill.world.generated())
        return replace(cost, messages=generated, changes=session.drill.changes)

    return play_it


def test_a_message_is_touched_a_few_times_however_often_it_is_retried(run: Run) -> None:
    short, long = run(200, "31h"), run(200, "96h")
    assert short.rows_each < 8
    assert long.rows_each < 1.5 * short.rows_each, "waiting costs nothing"


def test_a_message_is_drawn_once_and_only_if_somebody_asks_for_it(run: Run) -> None:
    long, short = run(1000, "31h"), run(1000, "10m")
    assert long.drawn_each < 4
    assert long.made_each < 1.2, "none twice, and what nobody waits for not at all"
    assert short.drawn_each < 2.5, "mail between colleagues that arrives at once is only counted"


def test_what_conducts_does_not_grow_with_the_organisation(run: Run) -> None:
    few, many = run(50, "31h"), run(1000, "31h")
    assert many.changes < 600
    assert many.changes < few.changes + 50, "alerts, calls and injects only: no monitor's sample is a change"
    assert many.stretches < few.stretches + 20


def test_alerts_cost_no_stretch_and_few_questions(run: Run) -> None:
    short, long = run(50, "31h"), run(50, "96h")
    assert long.changes > 900, "hundreds of alerts, whose SMS arrive one by one"
    assert long.stretches < 64, "as many as there are changes, readings and pairs of hours"
    assert long.stretches < short.stretches + 30, "no hourly check needs one while no mail arrives"
    assert long.asked < 3 * long.changes, "whoever has not spoken is not asked again"


def test_days_on_which_nothing_happens_cost_their_mail_only(run: Run) -> None:
    quiet = run(50, "10m")
    assert quiet.changes < 50
    assert quiet.stretches < 16
    assert quiet.asked < 14 * 20, "fourteen watchers at some 13 moments"


def test_the_mail_of_few_users_is_looked_at_for_longer_at_a_time() -> None:
    sizes = {users: load_scenario("gateway-down", {"users": str(users)}) for users in (200, 5_000, 20_000)}
    spans = {users: look_ahead_ms(one) // LOOK_AHEAD_MS for users, one in sizes.items()}
    assert spans == {200: 4, 5_000: 2, 20_000: 1}


def test_commands_that_change_no_mail_cost_no_stretch_and_no_questions(run: Run) -> None:
    """A reference runbook of sixty commands, of which a third changes something."""
    played = run(50, "14h", book="gateway-down")
    assert played.changes > 150
    assert played.stretches < 0.75 * played.changes
    assert played.asked < 15 * played.changes, "sixteen watchers are not asked after each"


def test_what_stands_in_order_is_not_sorted(run: Run) -> None:
    assert run(200, "31h").sorted_each < 0.6, "mail between colleagues is sorted into mail from outside, once"
    past = run(200, "14h", book="gateway-down")
    assert past.sorted_each < 0.8, "ids are compared only within a millisecond"


def test_looking_costs_no_rows_and_few_questions(run: Run) -> None:
    looks = 80
    never, often = run(200, "96h"), run(200, "96h", looks)
    assert often.rows < 1.02 * never.rows, "no message is touched because somebody looks"
    assert often.asked < never.asked + 5 * looks, "who looks changes nothing"
    assert often.stretches < never.stretches + 0.8 * looks, "a note reads nothing"
