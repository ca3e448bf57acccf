"""The list of a played exercise: states, moments and notes, as the world and the evaluators have them."""

from pathlib import Path

from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from sim.table.msel.of_scenario import rows_of
from sim.table.played import as_played, as_sent
from tests.plays import ONSET_MS, small


def test_a_played_list_has_states_moments_and_notes(tmp_path: Path) -> None:
    exercise = Exercise.start(small("3h", 20), 1, tmp_path / "table.jsonl", ["messaging", "lead"])
    exercise.sit("facilitator", "Ada")
    exercise.do("facilitator", "Ada", "inject skip outbox-asks")
    exercise.do("facilitator", "Ada", "inject write board-asks as=CEO to=incident-lead in=5m text=well?")
    exercise.advance(ONSET_MS + 60_000)
    exercise.do("facilitator", "Ada", "notify users via=sms state=down")
    exercise.advance(ONSET_MS + HOUR_MS)
    exercise.sit("lead", "Lea")
    exercise.do("facilitator", "Ada", "hint lead users-told")
    exercise.do("facilitator", "Ada", "note users-told sent early")
    session = exercise.session
    rows = {row.subject: row for row in as_played(rows_of(as_sent(session)), session)}
    told = rows["users.told"]
    assert told.status == "done"
    at_ms = session.drill.milestones["users.told"]
    assert told.fired_at == told.seen_at == f"2026-03-02 {_clock(at_ms)}"
    now = f"2026-03-02 {_clock(session.now_ms)}"
    assert told.notes == f"{now} Ada: hint to lead\n{now} Ada: sent early"
    written = rows["board asks"]
    assert (written.status, written.message, written.fired_at) == ("came", "well?", "2026-03-02 08:05:00")
    assert rows["executives.told"].status == "overdue"
    assert rows["pause.decided"].status == "open"
    assert rows["outbox asks"].status == "skipped"
    assert rows["server back"].status == "to come"
    fault = rows["mail-server refuses"]
    assert (fault.status, fault.fired_at) == ("began", "2026-03-02 09:12:00")
    exercise.close()


def _clock(ms: int) -> str:
    seconds = 8 * 3600 + ms // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
