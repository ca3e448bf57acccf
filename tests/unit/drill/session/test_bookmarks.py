"""Bookmarks: one's own, which the journal keeps, and those that follow from the drill."""

from pathlib import Path

from sim.drill.session.bookmarks import bookmarks
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.plays import ONSET_MS, small


def test_the_first_alert_decisions_and_own_ones_in_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "drill.jsonl"
    session = Session.start(small(), 1, path)
    assert [one.name for one in bookmarks(session)] == ["the start"]
    session.advance(ONSET_MS + 30 * MINUTE_MS)
    session.bookmark("before I pause")
    session.dispatch("deliveries pause inbound")
    session.advance(ONSET_MS + HOUR_MS)
    found = bookmarks(session, judged=False)
    names = ["the start", "the first alert", "before `deliveries pause inbound`", "before I pause"]
    assert [one.name for one in found] == names
    assert found[2].t_ms == ONSET_MS + 30 * MINUTE_MS - 1, "a branch there has not taken the decision"
    assert [one.t_ms for one in found] == sorted(one.t_ms for one in found)
    alert = next(one for one in session.events() if one.kind in {"call", "ticket", "monitor", "sms"})
    assert found[1].t_ms == alert.t_ms + 1
    assert len(bookmarks(session)) > len(found), "objectives, for those who see them"
    session.close()
    again = Session.resume(path)
    assert bookmarks(again, judged=False) == found
    again.close()
