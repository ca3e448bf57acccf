"""Whatever people at a table type, it is answered in one line, and the journal replays."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.facilitation.words import words_of
from sim.drill.session.session import Session
from sim.kernel.plain_line import in_plain_lines
from sim.table.exercise import Exercise
from sim.table.seats import bad_name
from tests.hostile import tries
from tests.plays import small

SEATS = ("messaging", "dns", "facilitator")
FORMS = sorted({" ".join(kind.words) for seat in SEATS for kind in words_of(seat)})
PARTS = st.one_of(
    st.sampled_from(
        [
            *("all", "dns", "messaging", "facilitator", "nobody", "1", "0", "-1", "9" * 400, "1e9", "\u0663"),
            *("T+2h", "T+99999999999d", "36526d", "-1h", "1.5w", "25:99", "12:00", "9999-12-31T23:59"),
            *(
                "as=Boss",
                "to=all",
                "to=dns",
                'text="a"',
                'text="',
                "text=\ud800",
                "by=sms",
                "back=2h",
                "because=",
            ),
            *(
                "mail-server",
                "gateway",
                "slow",
                "refuses",
                "for=1h",
                "per=20s",
                "share=101",
                "share=-1",
                "over=0",
            ),
            *("outbox-asks", "server-back", "live-1", "exchange-stops", "at=", "in=10m", "seat=", "sure=70"),
            *(
                "\u202e",
                "\u200d",
                "\x00",
                "\x1b[2J",
                "\n",
                "=1+1",
                "<script>",
                "%s{0}",
                "\u00e9" * 500,
                '"',
                "\\",
            ),
        ]
    ),
    st.text(max_size=8),
)
LINE = st.tuples(
    st.sampled_from([*FORMS, "", "mx set", "note", "approve mx", "jump", "go"]), st.lists(PARTS, max_size=5)
)


@pytest.mark.fuzz
@tries(15)
@given(lines=st.lists(st.tuples(st.sampled_from(SEATS), LINE), min_size=1, max_size=12))
def test_any_line_is_answered_in_one_line(
    tmp_path: Path, lines: list[tuple[str, tuple[str, list[str]]]]
) -> None:
    path = tmp_path / "table.jsonl"
    for old in tmp_path.glob("*"):
        old.unlink()
    exercise = Exercise.start(small("3h"), 1, path, SEATS[:2])
    for seat in SEATS:
        exercise.sit(seat, seat.title())
    for seat, (form, parts) in lines:
        reply = exercise.do(seat, exercise.person(seat) or "someone", " ".join([form, *parts]))
        assert reply.text or reply.accepted
        assert "\n" not in reply.text
        assert in_plain_lines(reply.text) == reply.text, ascii(reply.text)
        if exercise.jumping:
            exercise.jump_on(60_000)
        if exercise.ended:
            break
    digest, ended = exercise.session.digest(), exercise.ended
    kept = exercise.session.journal_path
    exercise.close()
    assert kept is not None
    assert Session.replay(kept).digest() == digest or ended


@pytest.mark.fuzz
@tries(60)
@given(name=st.one_of(st.text(max_size=50), st.sampled_from(["\ud800", "\u200d", "a\u202e", " ", "x" * 41])))
def test_any_name_is_a_persons_or_refused(name: str) -> None:
    assert bad_name(name) or (in_plain_lines(name) == name and name.strip())
