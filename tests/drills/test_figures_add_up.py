"""The figures of any run hang together: JSON, table, scores and sentences of the debrief say one thing."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.runbook import load_runbook, shipped_runbooks
from sim.drill.session.session import Session
from sim.mail.message.traffic import DIRECTIONS
from sim.report.debrief import Debrief, debrief
from sim.report.document.run_document import document
from sim.report.table import comparison_rows
from sim.report.text import debrief_text
from tests.drills.played import shipped
from tests.kept import kept

USERS = 100
OUTAGES = shipped_names("outages")
MISTAKES = [name for name in shipped_runbooks() if name not in OUTAGES]
PLAYS = [(name, book) for name in OUTAGES for book in ("none", "reference")]
PLAYS += [("its own", book) for book in MISTAKES]
SENTENCES: dict[str, Callable[[dict[str, Any], Debrief], int]] = {
    r"([\d,]+) messages were permanently rejected": lambda found, _told: (
        found["ledger"]["inbound"]["rejected"] + found["ledger"]["outbound"]["rejected"]
    ),
    r"([\d,]+) messages bounced at the sender": lambda found, told: (
        found["ledger"]["inbound"]["bounced"] - told.outcome.lost.bounced
    ),
    r"([\d,]+) messages? arrived twice": lambda found, _told: found["flags"]["duplicates"],
    r"([\d,]+) messages bypassed the gateway": lambda found, _told: found["exposure"]["unarchived"],
    r"Users were without a mailbox for ([\d,]+) user-hours": lambda found, _told: round(
        found["users"]["user_hours_without_mail"]
    ),
    r" of ([\d,]+) promised updates": lambda found, _told: found["words"]["promises_due"],
    r"([\d,]+) of [\d,]+ promised updates were sent on time": lambda found, _told: found["words"][
        "promises_kept"
    ],
}
"""Figures in sentences of the debrief, and the same figure in the JSON document."""
every_play = pytest.mark.parametrize(("name", "book"), PLAYS)


@kept
def played(name: str, book: str) -> tuple[Session, dict[str, Any], Debrief]:
    if name == "its own":
        name = load_runbook(book, parse).scenario
    session = shipped(name, book, USERS).session
    return session, document(session, book, 1.0), debrief(session, shipped(name, "none", USERS).outcome)


@every_play
def test_the_ledger_adds_up_and_no_part_is_more_than_its_whole(name: str, book: str) -> None:
    session, found, _told = played(name, book)
    until_s, ledger = found["until_s"], found["ledger"]
    for direction in DIRECTIONS:
        accounts, delays = ledger[direction], found["delay_s"][direction]
        assert sum(accounts.values()) == found["generated"][direction]
        assert found["attempts"][direction] >= accounts["delivered"] + accounts["junked"]
        if accounts["delivered"]:
            assert 0 <= delays["p50"] <= delays["p95"] <= delays["p99"] <= delays["max"] <= until_s
        rows = found["delay_histogram"]
        assert sum(row[direction] for row in rows) == accounts["delivered"] + accounts["junked"]
        longest_s = max((n for n, row in enumerate(rows) if row[direction]), default=0)
        assert longest_s == sum(row["up_to_s"] < (delays["max"] or 0) for row in rows[:-1])
        told = [
            session.drill.world.ledger.delay_ms(DIRECTIONS.index(direction), n) for n in (50, 95, 99, 100)
        ]
        assert list(delays.values()) == [one if one is None else one / 1000 for one in told]
    in_all = {name: sum(ledger[d][name] for d in DIRECTIONS) for name in ledger["inbound"]}
    flags, inbound = found["flags"], ledger["inbound"]
    assert flags["readable"] <= in_all["gateway_queue"]
    assert flags["late"] <= found["generated"]["inbound"]
    assert flags["unfiltered"] <= inbound["delivered"] + inbound["junked"] + inbound["server_queue"]
    assert flags["recoverable"] <= in_all["bounced"] + in_all["rejected"]
    assert flags["duplicates"] == sum(found["duplicates"].values())
    assert found["exposure"]["rejected"] == in_all["rejected"]
    assert found["exposure"]["unfiltered"] == flags["unfiltered"]
    assert found["exposure"]["not_approved_s"] <= found["exposure"]["exposed_s"] <= until_s
    assert found["exposure"]["open_s"] <= until_s
    assert 0 <= found["users"]["user_hours_without_mail"] <= USERS * until_s / 3600
    words = found["words"]
    assert words["promises_kept"] <= words["promises_due"] <= words["said"]
    assert max(words["reached_nobody"], words["false"]) <= words["said"]
    assert all(one["at_s"] is None or 0 <= one["at_s"] <= until_s for one in found["objectives"])
    first = found["first_s"]
    assert all(moment is None or 0 < moment < until_s for moment in first.values())
    assert (first["bounce"] is None) is (found["bounces"]["inbound"] == 0)
    if first["bounce_by_gateway"] is not None:
        assert first["bounce"] <= first["bounce_by_gateway"]


@every_play
def test_the_table_is_the_json_and_each_message_is_in_one_of_its_rows(name: str, book: str) -> None:
    session, found, told = played(name, book)
    rows = {row: mine for row, mine, _nothing in comparison_rows(told.outcome, told.nothing)}
    inbound, outbound = found["ledger"]["inbound"], found["ledger"]["outbound"]

    def count(row: str) -> int:
        return int(rows.get(row, "0").replace(",", ""))

    where = (
        "Delivered", "Still queued", "In queues behind the gateway", "Still at their senders",
        "Bounced, inbound mail", "Held by the gateway", "Never sent (suppressed)",
    )  # fmt: skip
    junked = count("Junked or quarantined") - outbound["junked"]
    assert sum(map(count, where)) + junked == count("Inbound messages") == found["generated"]["inbound"]
    assert count("Delivered") == inbound["delivered"]
    assert count("  by the gateway") + count("  at the sender") == inbound["bounced"]
    assert count("  permanently rejected (5xx)") == inbound["rejected"]
    assert count("Outbound, rejected") == outbound["rejected"]
    assert count("Outbound, bounced") == outbound["bounced"]
    internal = found["ledger"]["internal"]
    assert count("Internal, bounced") == internal["bounced"] + internal["rejected"]
    assert count("Calls to the helpdesk") == found["users"]["calls"]
    assert count("User-hours without mailbox") == round(found["users"]["user_hours_without_mail"])
    text = debrief_text(told)
    assert all(re.search(rf"^{re.escape(row)} +{re.escape(mine)} ", text, re.M) for row, mine in rows.items())
    assert text.endswith(f"digest {found['digest']}")
    came, back = (session.drill.milestones.get(one) for one in ("queue.drained", "outage.end"))
    after_s = None if came is None or back is None else (came - back) / 1000
    assert found["recovery"]["drained_after_s"] == after_s
    assert told.outcome.at_ms == session.now_ms == round(found["until_s"] * 1000)


@every_play
def test_scores_count_each_objective_once_on_either_axis(name: str, book: str) -> None:
    _session, found, told = played(name, book)
    states = [one["state"] for one in found["objectives"]]
    scores = {score.name: score for score in told.scores}
    for axis in (("availability", "protection"), ("decisions", "outcomes")):
        some = [scores[one] for one in axis if one in scores]
        assert sum(one.asked for one in some) == len(states)
        assert sum(one.met for one in some) == states.count("met")
        assert sum(one.failed for one in some) == states.count("failed")
        assert sum(one.open for one in some) == states.count("open") == len(told.not_judged)
    assert [one["met"] for one in found["objectives"]] == [
        None if state == "open" else state == "met" for state in states
    ]


@every_play
def test_sentences_name_the_figures_of_the_json(name: str, book: str) -> None:
    _session, found, told = played(name, book)
    text = " ".join(told.findings)
    for pattern, figure in SENTENCES.items():
        for number in re.findall(pattern, text):
            assert int(number.replace(",", "")) == figure(found, told), pattern
    if found["flags"]["duplicates"]:
        assert " arrived twice" in text


def test_the_plays_above_have_said_each_kind_of_sentence() -> None:
    text = " ".join(finding for play in PLAYS for finding in played(*play)[2].findings)
    assert [pattern for pattern in SENTENCES if not re.search(pattern, text)] == []
