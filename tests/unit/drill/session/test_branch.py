"""Branches: the inputs of a drill with one difference, in a journal that knows its parent."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sim.drill.session.branch import Difference, NoBranch, branch, changed, give_again, given
from sim.drill.session.journal import Journal, NoNewJournal
from sim.drill.session.journal_header import drawn_in
from sim.drill.session.journal_reading import BadJournal, Entry, chained, chained_line, read_header
from sim.drill.session.session import DiskFull, Session
from sim.forks.origin import read_origin
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.outcome import outcome
from tests.plays import LETTER, ONSET_MS, play

ACK_MS, PAUSE_MS = ONSET_MS + 10 * MINUTE_MS, ONSET_MS + 30 * MINUTE_MS
GIVEN = ((ACK_MS, "alerts ack"), (ONSET_MS + 20 * MINUTE_MS, LETTER), (PAUSE_MS, "deliveries pause inbound"))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "parent.jsonl"
    play("2h", GIVEN, ONSET_MS + 3 * HOUR_MS, path=path).close()
    return path


def made(journal: Path, change: Difference) -> Session:
    session = branch(Session.replay(journal), journal, change, journal.with_name("branch.jsonl"))
    session.close()
    return session


def test_a_branch_without_a_change_of_its_inputs_comes_to_the_same_digest(journal: Path) -> None:
    made(journal, Difference(at_ms=ONSET_MS + 3 * HOUR_MS))
    assert Session.replay(journal.with_name("branch.jsonl")).digest() == Session.replay(journal).digest()


def test_without_a_command_it_equals_the_drill_in_which_it_was_never_given(journal: Path) -> None:
    session = made(journal, Difference(without=2))
    assert session.digest() == play("2h", GIVEN[:2], ONSET_MS + 3 * HOUR_MS).digest()
    assert session.digest() != Session.replay(journal).digest()


def test_a_command_instead_is_given_at_the_moment_of_the_one_that_it_replaces(journal: Path) -> None:
    session = made(journal, Difference(without=2, instead="decide pause no"))
    assert [(one.t_ms, one.text) for one in given(session)] == [
        (ACK_MS, "alerts ack"),
        (PAUSE_MS, "decide pause no"),
    ]


def test_at_a_moment_nothing_later_follows_and_the_drill_stands_there(journal: Path) -> None:
    session = made(journal, Difference(at_ms=ONSET_MS + 15 * MINUTE_MS))
    assert (session.now_ms, session.ended) == (ONSET_MS + 15 * MINUTE_MS, False)
    assert session.inputs == GIVEN[:1]
    with_another = changed(Session.replay(journal).inputs, Difference(at_ms=PAUSE_MS, instead="note no"))
    assert with_another == (*GIVEN[:2], (PAUSE_MS, "note no"))


def test_its_header_names_the_last_entry_that_it_shares_with_its_parent(journal: Path) -> None:
    made(journal, Difference(without=2))
    parent, links = read_header(journal.with_name("branch.jsonl"))["parent"], list(chained(journal))
    assert [link.entry.get("text") for link in links if link.chain == parent["entry"]] == [None]
    assert parent == {
        "drill": "parent",
        "header": links[0].chain,
        "entry": next(link.chain for link in links if link.entry["is"] == "letter"),
        "t": PAUSE_MS,
    }


@pytest.mark.parametrize(
    "change", [Difference(without=0), Difference(without=3), Difference(at_ms=99 * HOUR_MS)]
)
def test_a_change_that_the_drill_does_not_allow_makes_no_journal(journal: Path, change: Difference) -> None:
    with pytest.raises(NoBranch):
        made(journal, change)
    assert not journal.with_name("branch.jsonl").exists()


def test_a_header_whose_parent_is_not_one_is_refused(tmp_path: Path) -> None:
    path, parent = tmp_path / "one.jsonl", {"drill": "x", "header": "y"}
    scenario = Session.replay(Path("tests/golden/exchange-down.jsonl"), 0).scenario
    Session.start(scenario, 1, path).close()
    header = read_header(path)
    assert "parent" not in header
    with pytest.raises(NoNewJournal, match="parent is not in the form that a branch writes"):
        Session.start(scenario, 1, tmp_path / "new.jsonl", parent=parent)
    (tmp_path / "odd.jsonl").write_bytes(chained_line({**header, "parent": parent}, "")[0])
    with pytest.raises(BadJournal, match=r"odd\.jsonl:1: parent is not in the form that a branch writes"):
        read_header(tmp_path / "odd.jsonl")


def test_a_branch_that_does_not_fit_on_the_disk_leaves_no_file(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, path = Journal.append_all, journal.with_name("branch.jsonl")

    def full(self: Journal, entries: Sequence[Entry]) -> None:
        if entries[0].get("text") == "deliveries pause inbound":
            raise DiskFull("branch.jsonl: no space left on device")
        whole(self, entries)

    parent = Session.replay(journal)
    monkeypatch.setattr(Journal, "append_all", full)
    with pytest.raises(DiskFull):
        branch(parent, journal, Difference(at_ms=PAUSE_MS), path)
    assert not path.exists()


DIAGNOSIS = (ONSET_MS + 13 * MINUTE_MS, "diagnose component=mail-server failure=refuses")
LUCKY = (
    (ONSET_MS + 11 * MINUTE_MS, "continuity start for=8h via=sms"),
    (ONSET_MS + 12 * MINUTE_MS, "notify users via=sms state=down"),
    DIAGNOSIS,
    (ONSET_MS + 14 * MINUTE_MS, "permissions set on app=mobile group=terminal"),
)
"""Chance decides when the permission reaches the apps."""


@pytest.fixture
def lucky(tmp_path: Path) -> Path:
    path = tmp_path / "lucky.jsonl"
    play("6h", LUCKY, ONSET_MS + 7 * HOUR_MS, 150, path=path).close()
    return path


def test_without_a_diagnosis_all_other_commands_have_the_luck_of_the_parent(lucky: Path) -> None:
    """A diagnosis moves no mail; by the count of commands, the permission would come at another time."""

    def hours(session: Session) -> float:
        return outcome(session).people.user_hours_without_mail

    parent, session = Session.replay(lucky), made(lucky, Difference(without=3))
    assert hours(session) == hours(parent)
    by_count = play("6h", [one for one in LUCKY if one != DIAGNOSIS], ONSET_MS + 7 * HOUR_MS, 150)
    assert hours(by_count) != hours(parent)


def test_the_luck_of_its_parent_is_kept_with_the_branch_and_with_its_own_branches(lucky: Path) -> None:
    session, path = made(lucky, Difference(without=3)), lucky.with_name("branch.jsonl")
    assert Session.replay(path).digest() == session.digest() == session.fork(session.now_ms).digest()
    origin, inputs, to_ms = read_origin(path)
    assert give_again(origin.begin(), inputs, to_ms).digest() == session.digest()
    again = branch(Session.replay(path), path, Difference(at_ms=session.now_ms), None)
    assert again.digest() == session.digest()
    assert "drawn" not in read_header(lucky)


@pytest.mark.parametrize(
    "drawn",
    [
        "x",
        7,
        [{}],
        [7],
        [{"t_ms": 1, "text": "a", "keys": [-1], "on_call": 0}],
        [{"t_ms": 1, "text": "a", "keys": 7, "on_call": 0}],
    ],
)
def test_a_header_with_damaged_draws_is_refused(drawn: object) -> None:
    with pytest.raises(BadJournal, match="the draws in its header cannot be read"):
        drawn_in({"drawn": drawn}, Path("one.jsonl"))
