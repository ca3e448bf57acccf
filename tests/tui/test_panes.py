"""What panes show: pure functions of a view, at every size that the layout gives them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, combinations, pairwise
from typing import get_args

import pytest

from sim.drill.room.events import Event, EventKind
from sim.drill.room.openings_register import KINDS
from sim.drill.snapshot.console import AlertView, HopState, SeenCount, Snapshot
from sim.drill.snapshot.mail_routes import LockView, Seen
from sim.drill.snapshot.room import OpeningView, StatementView
from tests.tui.conftest import LOCAL
from tests.tui.fake_session import DOWN_MS, HOUR, MINUTE, RETENTION_MS, STORY, depth_at, snapshot_at
from tui.painting.changed_figures import Marks, figures_of
from tui.painting.grouped_events import GroupedEvents
from tui.painting.layout import VIEWS, WIDE, plan
from tui.painting.local_time import SHORT
from tui.painting.number_format import GROUP
from tui.painting.pace import Pace
from tui.painting.rows import Page, Row, text_of, width_of
from tui.painting.view import View
from tui.screens.panes import DRAWS
from tui.screens.reader import prose
from tui.widgets.frame.header import fitting_title, header
from tui.widgets.frame.paged_list import Listed
from tui.widgets.frame.pane import framed, inner_size
from tui.widgets.mail import ages, flow, gateway, ledger, plot
from tui.widgets.mail import mail_routes as ways
from tui.widgets.mail import queued_messages as mail
from tui.widgets.people import helpdesk as tickets
from tui.widgets.people import incident_room as room
from tui.widgets.people import key_figures as now
from tui.widgets.people import last_results, phone
from tui.widgets.people import messages as feed
from tui.widgets.people import on_duty as people

TIMES = [0, DOWN_MS, 3 * HOUR, 11 * HOUR, 60 * HOUR, 150 * HOUR]


def samples(what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
    return [depth_at(a_ms + (b_ms - a_ms) * i // max(1, points - 1)) for i in range(points)]


def view_of(snapshot: Snapshot, events: Sequence[Event] = (), scroll: int = 0) -> View:
    gathered = GroupedEvents()
    gathered.add(events or [Event(n, *said) for n, said in enumerate(STORY) if said[0] <= snapshot.t_ms])
    marks = Marks()
    marks.update(figures_of(snapshot), 0)
    pace = Pace(60, paused=False, lags=False, reached=60)
    return View(snapshot, LOCAL, pace, "guided", marks, gathered.newest_first(), samples, scroll=scroll)


def texts(page: Page) -> list[str]:
    return [text_of(row).replace(GROUP, " ").rstrip() for row in page.rows]


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_of_an_opening_stands_apart_from_its_name(kind: str) -> None:
    seen = snapshot_at(3 * HOUR)
    one = OpeningView(1, kind, "signin cloud", 2 * HOUR, None, None)
    opened = replace(seen, room=replace(seen.room, openings=(one,)))
    head = texts(room.draw_openings(view_of(opened), 60, 9))[0]
    assert head.split() == ["1", kind, "open"]


@pytest.mark.parametrize("t_ms", TIMES)
@pytest.mark.parametrize(
    ("width", "height"), [(60, 20), (80, 24), (80, 40), (109, 30), (110, 30), (120, 36), (200, 60)]
)
def test_every_pane_fits_every_place_that_it_is_given(width: int, height: int, t_ms: int) -> None:
    view = view_of(snapshot_at(t_ms))
    for name in VIEWS:
        for slot in plan(width, height, name, coach=True):
            inside = inner_size(slot.width, slot.height, boxed=width >= WIDE)
            page = DRAWS[slot.pane](view, *inside)
            assert len(page.rows) <= inside[1], (name, slot)
            widths = [width_of(row) for row in page.rows]
            assert max(widths, default=0) <= inside[0], (name, slot, texts(page))
            rows = framed(page, slot.width, slot.height, boxed=width >= WIDE)
            assert len(rows) == slot.height
            if width >= WIDE:
                assert {width_of(row) for row in rows} == {slot.width}


@pytest.mark.parametrize("width", [60, 71, 72, 80, 99, 100, 120, 200])
@pytest.mark.parametrize(
    "pace", [Pace(60, True, False, 60), Pace(3600, False, True, 1234), Pace(1, False, False, 1)]
)
def test_figures_of_the_header_do_not_move(width: int, pace: Pace) -> None:
    early = text_of(header(replace(view_of(snapshot_at(0)), pace=pace), width))
    late = text_of(header(replace(view_of(snapshot_at(123 * HOUR)), pace=pace), width))
    assert len(early) == len(late) == width
    assert early.index("08:00:00") == late.index("11:00:00")
    assert early.startswith(" EXERCISE ")
    assert "…" not in early[:10]


def test_the_path_of_mail_says_state_and_rate_in_words() -> None:
    rows = texts(flow.draw(view_of(snapshot_at(3 * HOUR)), 100, 6))
    assert "Internet" in rows[0]
    assert "82/min" in rows[0]
    assert "✗ refused" in rows[0]
    assert "1 204 correspondents" in rows[1]
    assert "? unknown" in rows[2]
    assert rows[4].startswith("Continuity  active: all")
    assert "connection refused" in rows[5]
    assert rows[5].endswith("10:59:48,   12 s ago")


@pytest.mark.parametrize("width", [58, 62, 70, 78])
@pytest.mark.parametrize("state", get_args(HopState))
def test_a_hop_says_its_state_in_words_or_by_its_sign_however_narrow(width: int, state: HopState) -> None:
    snapshot = snapshot_at(HOUR)
    first, second, *_ = snapshot.hops
    hop = replace(second, target="Exchange Online", state=state, per_minute=1234)
    path = texts(flow.draw(view_of(replace(snapshot, hops=(first, hop))), width, 6))[0]
    stretch = path[path.index("Gateway") :]
    words = {"flowing": "1 234/min", "idle": "1 234/min", "timed out": "…", "unknown": "?", "refused": "✗"}
    sign = {"deferred": "↺", "rejected": "✗", "paused": "‖", "slowly": "slowly", "partly": "partly"}
    assert (words | sign)[state] in stretch


def test_the_way_back_lines_up_with_the_way_in() -> None:
    rows = texts(flow.draw(view_of(snapshot_at(3 * HOUR)), 100, 6))
    for place in ("Internet", "Gateway", "Mail server"):
        assert rows[0].index(place) == rows[2].index(place)
    assert "◀" in rows[2]


@pytest.mark.parametrize("beyond", ["Secondary", "Gateway"])
def test_the_way_out_is_a_line_of_its_own_wherever_it_leads(beyond: str) -> None:
    snapshot = snapshot_at(HOUR)
    first, second, third, last = snapshot.hops
    out = (replace(third, target=beyond), replace(last, source=beyond))
    rows = texts(flow.draw(view_of(replace(snapshot, hops=(first, second, *out))), 78, 6))
    assert [row.split()[0] for row in rows[:3:2]] == ["Internet", "Internet"]
    assert rows[0].endswith("Mail server")
    assert rows[2].endswith("Mail server")
    assert f"{beyond} ◀" in rows[2]
    direct = texts(
        flow.draw(view_of(replace(snapshot, hops=(first, second, replace(third, target="Internet")))), 78, 6)
    )
    assert direct[2].startswith("Internet ◀")


def test_where_space_is_short_the_error_stays_and_details_go() -> None:
    rows = texts(flow.draw(view_of(snapshot_at(3 * HOUR)), 76, 3))
    assert len(rows) == 3
    assert any("connection refused" in row for row in rows)


def test_the_plot_is_as_high_as_the_queue() -> None:
    page = plot.draw(view_of(snapshot_at(4 * HOUR)), 66, 8)
    rows = texts(page)
    depth = depth_at(4 * HOUR)
    assert rows[0].lstrip().startswith("20k")
    assert f"{depth:,}".replace(",", " ") in text_of(page.aside).replace(GROUP, " ")
    columns = 60
    at = 4 * HOUR * columns // (6 * HOUR)
    filled = sum(1 for row in rows[:6] if len(row) > at + 6 and row[at + 6] in "▁▂▃▄▅▆▇█")
    assert filled == -(-depth * 6 // 20_000)
    before = DOWN_MS * columns // (6 * HOUR) - 1
    assert all(len(row) <= before + 6 or row[before + 6] == " " for row in rows[:6])


def test_the_plot_keeps_its_window_for_a_while() -> None:
    windows = [plot.window_of(t * 5 // 4) for t in range(0, 200 * HOUR, 10 * MINUTE)]
    assert all(later >= sooner for sooner, later in pairwise(windows))
    assert len(set(windows)) < 16
    assert all(window > t for t, window in zip(range(0, 200 * HOUR, 10 * MINUTE), windows, strict=True))


def test_the_first_bounce_is_a_line_in_the_plot_once_it_is_in_the_window() -> None:
    view = view_of(snapshot_at(9 * HOUR))
    assert "first bounce Fri 09:12" in texts(plot.draw(view, 66, 8))[-1]
    page = plot.draw_to_horizon(view_of(snapshot_at(40 * HOUR)), 66, 8)
    columns = {row.index("┊") for row in texts(page)[:6]}
    assert len(columns) == 1
    assert texts(page)[-1].index("┊") in columns
    assert "first bounce in 2 d 9 h" in texts(page)[-1]
    assert plot.window_of((DOWN_MS + RETENTION_MS) * 21 // 20) > DOWN_MS + RETENTION_MS


@pytest.mark.parametrize("t_ms", [2 * HOUR, 3 * HOUR, 9 * HOUR, 30 * HOUR, 60 * HOUR])
def test_the_plot_to_the_first_bounce_gives_the_history_a_third_or_so(t_ms: int) -> None:
    snapshot = snapshot_at(t_ms)
    patient = replace(snapshot.queue, first_expiry_ms=DOWN_MS + 720 * HOUR, retention_ms=720 * HOUR)
    for queue in (snapshot.queue, patient):
        rows = texts(plot.draw_to_horizon(view_of(replace(snapshot, queue=queue)), 66, 8))
        if queue.first_expiry_ms is not None:
            filled = max(len(row.split("┊")[0].rstrip()) for row in rows[:6]) - 6
            assert 60 // 4 <= filled <= 60, rows
            assert any("┊" in row for row in rows) or rows[-1].endswith("▸")


def test_a_date_that_is_more_than_six_days_away_has_day_and_month() -> None:
    assert LOCAL.day_clock(3 * HOUR, 6 * 24 * HOUR) == "Mon 11:00"
    assert LOCAL.day_clock(3 * HOUR, 7 * 24 * HOUR) == "Mon 2 Mar 11:00"
    assert LOCAL.day_clock(7 * 24 * HOUR, 3 * HOUR) == "Mon 9 Mar 08:00"
    assert LOCAL.short(29 * 24 * HOUR, 0) == "31 Mar 09:00"
    assert len(LOCAL.short(29 * 24 * HOUR, 0)) == SHORT


def test_a_bounce_next_month_says_which_month() -> None:
    snapshot = snapshot_at(3 * HOUR)
    patient = replace(snapshot.queue, first_expiry_ms=DOWN_MS + 720 * HOUR, retention_ms=720 * HOUR)
    view = view_of(replace(snapshot, queue=patient))
    assert texts(ages.draw(view, 60, 9))[-1] == "First bounce  Wed 1 Apr 10:12  in 29 d 22 h  retention 30 d"
    assert texts(ages.draw(view, 40, 9))[-1] == "First bounce  1 Apr 10:12  in 29 d 22 h"
    assert texts(plot.draw(view, 66, 8))[-1].endswith("first bounce Wed 1 Apr 10:12 ▸")


@pytest.mark.parametrize("width", [58, 78, 116])
def test_columns_stay_when_entries_become_old(width: int) -> None:
    view = view_of(snapshot_at(9 * 24 * HOUR))
    rows = texts(feed.draw(view, width, 30))
    assert any(row.startswith("2 Mar 09:18  call      ") for row in rows)
    assert {row[13:19] for row in rows if row[0].isdigit()} <= {
        "call  ",
        "ticket",
        "SMS   ",
        "monito",
        "fault ",
    }
    assert max(map(len, rows)) <= width
    old = replace(snapshot_at(HOUR * 3).mail[0], arrival_ms=0)
    mixed = replace(snapshot_at(9 * 24 * HOUR), mail=(*snapshot_at(9 * 24 * HOUR).mail[:3], old))
    listed = texts(mail.draw(view_of(mixed), width, 8))
    assert len({row.index("Booking") for row in listed if "Booking" in row}) == 1
    assert any("2 Mar 08:00" in row for row in listed)


def test_ticks_are_local_round_times() -> None:
    labels = texts(plot.draw(view_of(snapshot_at(30 * HOUR)), 90, 8))[-1].split()
    assert labels[:4] == ["12:00", "18:00", "Tue", "3"]


def test_bands_are_folded_without_losing_a_message() -> None:
    bands = tuple((str(n), n) for n in range(10))
    for rows in range(3, 12):
        for oldest in range(10):
            given = tuple(
                (name, number if place <= oldest else 0) for place, (name, number) in enumerate(bands)
            )
            kept = ages.folded(given, rows)
            assert len(kept) <= rows
            assert sum(number for _, number in kept) == sum(number for _, number in given)


def test_the_age_pane_says_when_the_first_message_bounces() -> None:
    rows = texts(ages.draw(view_of(snapshot_at(4 * HOUR)), 60, 9))
    assert rows[-1] == "First bounce  Fri 09:12  in 3 d 21 h  retention 4 d"
    paused = replace(snapshot_at(4 * HOUR), queue=replace(snapshot_at(4 * HOUR).queue, paused=True))
    assert texts(ages.draw(view_of(paused), 60, 9))[-1].startswith("paused")


def test_of_a_queue_that_nobody_can_see_it_is_not_said_that_nothing_waits() -> None:
    snapshot = snapshot_at(HOUR)
    assert texts(ages.draw(view_of(snapshot), 60, 9))[-1] == "nothing queued, nothing to bounce"
    moving = replace(snapshot.queue, depth=3)
    assert texts(ages.draw(view_of(replace(snapshot, queue=moving)), 60, 9))[-1].startswith(
        "queued mail in delivery"
    )
    dark = replace(snapshot.queue, seen=Seen("gateway console", 0))
    assert "queue unknown" in texts(ages.draw(view_of(replace(snapshot, queue=dark)), 60, 9))[-1]


def test_what_the_gateways_console_says_is_said_whole() -> None:
    for width in (44, 58, 78):
        rows = texts(gateway.draw(view_of(snapshot_at(4 * HOUR)), width, 9))
        whole = " ".join(" ".join(rows).split())
        assert "running, 13 776 queued, retention 4 d" in whole
        assert "all, 688 users in it, until Mon 18:00, since Mon 10:00" in whole
        assert max(map(len, rows)) <= width


def test_mail_between_colleagues_in_the_gateways_queue_is_told_apart() -> None:
    snapshot = snapshot_at(4 * HOUR)
    inbound, outbound, _ = snapshot.ledger
    own = ("internal", (("gateway_queue", SeenCount(6338, snapshot.queue.seen)),))
    rows = texts(gateway.draw(view_of(replace(snapshot, ledger=(inbound, outbound, own))), 78, 9))
    assert rows[0] == "deliveries running, 13 776 queued (6 338 internal), retention 4 d"


def test_what_nobody_acknowledged_is_said_whole() -> None:
    for width in (52, 58, 66):
        row = texts(feed.draw(view_of(snapshot_at(4 * HOUR)), width, 8))[0]
        assert row.startswith("! not acknowledged: Continuity Monitor")
        assert row.endswith(" · alerts ack")


def test_a_paragraph_is_set_anew_for_the_width() -> None:
    text = "One line that was\nbroken elsewhere.\n\nAnother.\n  an indented line\n  and another"
    assert [text_of(row) for row in prose(text, 60)] == [
        "One line that was broken elsewhere.", "", "Another.", "  an indented line", "  and another",
    ]  # fmt: skip


def test_the_ledger_adds_up() -> None:
    snapshot = snapshot_at(HOUR)
    rows = texts(ledger.draw(view_of(snapshot), 60, 8))
    totals = [sum(figure.count for _, figure in accounts) for _, accounts in snapshot.ledger]
    assert rows[0].split() == ["inbound", "outbound", "internal"]
    assert rows[-1].replace(" ", "") == "totalseen" + "".join(map(str, totals))
    assert any(row.startswith("gateway queue") for row in rows)


def test_figures_of_different_moments_are_not_added_up() -> None:
    page = ledger.draw(view_of(snapshot_at(4 * HOUR)), 60, 8)
    assert texts(page)[-1] == "? mail server's console, Mon 09:12"
    delivered = next(row for row in page.rows if row[0][0].startswith("delivered"))
    assert [role for text, role in delivered[1:] if text.strip(" ?")] == ["warn", "strong", "warn"]
    assert [text.strip() for text, role in delivered[1:] if role == "mark"] == ["?", "", "?"]


def test_a_figure_that_is_not_of_now_is_marked_by_a_sign_not_by_colour_alone() -> None:
    snapshot = snapshot_at(4 * HOUR)
    dead = replace(snapshot, queue=replace(snapshot.queue, seen=Seen("gateway console", HOUR)))
    narrow = texts(now.draw(view_of(dead), 78, 2))
    assert "Oldest     2 h 48 min ?" in narrow[0]
    assert "Calls              84  " in narrow[0]


def test_a_queue_that_was_empty_when_it_was_last_seen_may_not_be_empty_now() -> None:
    snapshot = snapshot_at(HOUR)
    dark = replace(snapshot, queue=replace(snapshot.queue, seen=Seen("gateway console", 0)))
    rows = texts(ledger.draw(view_of(dark), 60, 8))
    assert next(row for row in rows if row.startswith("gateway queue")).split()[3:] == ["0?", "0?"]
    assert next(row for row in rows if row.startswith("bounced")).split()[1:] == ["0?", "0?", "0?"]
    assert rows[-1] == "? gateway console, Mon 08:00"
    silent = replace(snapshot.protection.connector, seen=Seen("mail server's console", 0))
    mute = replace(snapshot, protection=replace(snapshot.protection, connector=silent))
    rows = texts(ledger.draw(view_of(mute), 60, 8))
    assert next(row for row in rows if row.startswith("bounced")).split()[1:] == ["0", "0?", "0"]


def test_that_no_event_was_in_force_when_it_was_last_seen_is_told_as_that() -> None:
    snapshot = snapshot_at(HOUR)
    assert "Continuity  not active" in texts(flow.draw(view_of(snapshot), 78, 6))
    dark = replace(snapshot, continuity=replace(snapshot.continuity, seen=Seen("gateway console", 0)))
    assert "Continuity  not active when last seen, Mon 08:00" in texts(flow.draw(view_of(dark), 78, 6))


def test_users_in_an_event_that_were_counted_before_the_console_fell_silent_are_marked() -> None:
    snapshot = snapshot_at(4 * HOUR)
    dark = replace(snapshot, continuity=replace(snapshot.continuity, seen=Seen("gateway console", HOUR)))
    rows = [" ".join(texts(flow.draw(view_of(one), 90, 6))) for one in (snapshot, dark)]
    assert [("688 users in" in row, "688? users in" in row) for row in rows] == [(True, False), (False, True)]


def test_an_account_that_fills_up_is_never_hidden_silently() -> None:
    everything = tuple((account, SeenCount(7, Seen("", 0))) for account in ledger._ORDER)
    snapshot = replace(snapshot_at(0), ledger=(("inbound", everything),))
    page = ledger.draw(view_of(snapshot), 60, 7)
    assert text_of(page.aside) == "5 more: press 3"


@pytest.mark.parametrize("height", range(3, 14))
def test_the_ledger_draws_every_set_of_accounts_and_leaves_out_empty_ones_first(height: int) -> None:
    for used in chain.from_iterable(combinations(ledger._ORDER, n) for n in range(len(ledger._ORDER) + 1)):
        inbound = tuple((account, SeenCount(7, Seen("", 0))) for account in used)
        page = ledger.draw(view_of(replace(snapshot_at(0), ledger=(("inbound", inbound),)), []), 60, height)
        rows = [row.split() for row in texts(page)]
        assert len(rows) <= height
        filled = sum(row[-1] == "7" for row in rows[1:-1])
        assert filled == min(len(used), height - 2), used
        assert bool(page.aside) == (len(used) > height - 2), used


def test_columns_of_figures_line_up() -> None:
    for t_ms in TIMES:
        rows = texts(now.draw(view_of(snapshot_at(t_ms)), 44, 6))
        ends = {
            row.index(unit)
            for row in rows
            for unit in (" messages", " of 1 000", " in total", " calls ")
            if unit in row
        }
        assert len(ends) == 1, rows


def test_what_a_figure_counts_is_never_cut_off() -> None:
    for width in (36, 40, 44, 60):
        rows = texts(now.draw(view_of(snapshot_at(3 * HOUR)), width, 7))
        assert not any("…" in row for row in rows), rows


def test_people_are_free_or_busy_and_for_how_long() -> None:
    rows = texts(people.draw_people(view_of(snapshot_at(3 * HOUR)), 80, 4))
    assert rows[0] == "Ada Okoro, messaging admin          ○ free"
    assert rows[1].endswith("3 min left")


def test_who_does_not_fit_is_counted() -> None:
    assert texts(people.draw_people(view_of(snapshot_at(3 * HOUR)), 44, 3))[-1] == "2 more: press 7"


def test_a_person_has_a_name_and_a_role_where_there_is_room() -> None:
    view = view_of(snapshot_at(3 * HOUR))
    for row, person in zip(texts(people.draw_people(view, 68, 4)), view.snapshot.people, strict=True):
        assert row.startswith(f"{person.name}, {person.role}")
    narrow = texts(people.draw_people(view, 44, 4))
    assert narrow[0].startswith("messaging admin   ○ free")
    assert narrow[0].endswith("Ada Okoro")
    assert narrow[1].startswith("helpdesk          ● notify users")


def test_who_has_more_to_do_shows_what_as_far_as_there_is_room() -> None:
    snapshot = snapshot_at(3 * HOUR)
    first, second, *others = snapshot.people
    busy = replace(second, since_ms=3 * HOUR, then=("queue retry inbound",), hours="Mon-Fri 08:00-18:00")
    view = view_of(replace(snapshot, people=(first, busy, *others)))
    whole = texts(people.draw_staff(view, 78, 12))
    assert whole[1] == "    around the clock"
    assert whole[3] == "    notify users via=sms text=Use the portal"
    assert whole[4].startswith(
        "    Mon-Fri 08:00-18:00, busy since Mon 11:00, free at Mon 11:03, then: queue"
    )
    assert len(texts(people.draw_staff(view, 78, 7))) == 7
    assert texts(people.draw_staff(view, 78, 6))[2:4] == [whole[3], "    then: queue retry inbound"]
    assert len(texts(people.draw_staff(view, 78, 4))) == 4


def test_without_open_alerts_it_says_whether_any_ever_came() -> None:
    over = Event(9, 3 * HOUR, "monitor", "Service Monitor", "below the threshold again")
    lapsed = Event(10, 3 * HOUR, "monitor", "Continuity Portal", "the continuity event has lapsed")
    quiet = replace(snapshot_at(4 * HOUR), alerts=())
    before = Event(0, 0, "report", "briefing", "It is Monday.")
    assert texts(people.draw_alerts(view_of(quiet, [before, lapsed]), 60, 3)) == ["none yet"]
    assert texts(people.draw_alerts(view_of(quiet, [before, over, lapsed]), 70, 3)) == [
        "none to acknowledge; latest from Service Monitor, Mon 11:00: below the",
        "threshold again",
    ]
    rows = texts(people.draw_alerts(view_of(quiet, [before, over]), 40, 2))
    assert rows[0].startswith("none to acknowledge; latest from")
    raised = Event(11, 4 * HOUR, "monitor", "Continuity Monitor", "deliveries are failing")
    waits = " ".join(texts(people.draw_alerts(view_of(quiet, [before, over, raised]), 70, 3)))
    assert "none now" not in waits, "an alert whose SMS is on its way is not over"
    assert len(rows) == 2


def test_an_open_alert_is_never_pushed_out_by_the_link_of_an_acknowledged_one() -> None:
    alerts = (
        AlertView("c", "Continuity Monitor", HOUR, True, 25 * HOUR),
        AlertView("s", "Service Monitor", HOUR + MINUTE, False, None),
    )
    view = view_of(replace(snapshot_at(2 * HOUR), alerts=alerts))
    for height, links in ((1, 0), (2, 0), (3, 1)):
        rows = texts(people.draw_alerts(view, 40, height))
        assert rows[0].startswith("! Service Monitor"), rows
        assert len(rows) <= height
        assert sum("link until" in row for row in rows) == links
    assert texts(people.draw_alerts(view, 40, 2))[1].startswith("✓ Continuity Monitor")


def test_a_refused_command_is_shown_without_the_console_that_refused_it() -> None:
    refused = [
        Event(1, HOUR, "refused", "console", "alerts ack: there is no open alert"),
        Event(2, HOUR, "refused", "console", "disk show: the mail server's console does not answer"),
    ]
    rows = [row for row in texts(feed.draw(view_of(snapshot_at(HOUR), refused), 90, 6)) if "refused" in row]
    assert [row.split("refused")[1].split(":")[0].strip() for row in rows] == ["disk show", "alerts ack"]


def test_objectives_have_their_limits_and_late_ones_say_so() -> None:
    snapshot = snapshot_at(5 * HOUR)
    first, second, *_ = snapshot.objectives
    late = replace(first, state="late", at_ms=HOUR, limit="within 15 min of the first alert")
    for width in (40, 66):
        page = people.draw_coach(view_of(replace(snapshot, objectives=(second, late))), width, 9)
        rows = texts(page)
        assert rows[0].startswith("! alert acknowledged")
        assert "late Mon 09:00" in rows[0]
        assert "(within 15 min of the first alert)" in " ".join(
            " ".join(rows).replace("late Mon 09:00", "").split()
        )
        assert text_of(page.aside) == "1 met  0 failed  1 late  0 open"
    tight = texts(people.draw_coach(view_of(replace(snapshot, objectives=(second, late))), 40, 4))
    assert "within" not in " ".join(tight)
    assert tight[-1].strip() == second.learns


def test_objectives_are_shown_whole_or_counted_open_ones_first() -> None:
    rows = texts(people.draw_coach(view_of(snapshot_at(5 * HOUR)), 66, 4))
    assert rows[0].startswith("○ users told")
    assert rows[-1].endswith("more: press 7")
    everything = texts(people.draw_coach(view_of(snapshot_at(5 * HOUR)), 66, 30))
    assert [row[0] for row in everything if row[0] != " "] == ["○"] * 6 + ["✗", "✓"]


def test_the_feed_has_the_newest_on_top_and_wraps() -> None:
    rows = texts(feed.draw(view_of(snapshot_at(4 * HOUR)), 60, 20))
    assert rows[0].startswith("! not acknowledged: Continuity Monitor")
    assert rows[1].startswith("Mon 09:51 call      the managing director's office:")
    assert max(map(len, rows)) <= 60
    assert "is it back?" in " ".join(rows)


def test_scrolling_the_feed_reaches_its_oldest_entry_and_no_further() -> None:
    snapshot = replace(snapshot_at(4 * HOUR), alerts=())
    last = feed.rows_of(view_of(snapshot), 60)
    rows = texts(feed.draw(view_of(snapshot, scroll=last - 3), 60, 3))
    assert rows[-1] == "Mon 09:12 fault     the mail server stops"
    assert texts(feed.draw(view_of(snapshot, scroll=10_000), 60, 3)) == rows


def test_real_mail_is_a_word_of_labs_only() -> None:
    view = view_of(snapshot_at(4 * HOUR))
    assert mail.draw(view, 80, 5).aside == ()
    assert "real mail" in text_of(mail.draw(replace(view, lab="MX 127.0.0.1:2525"), 80, 5).aside)


def test_where_to_send_stays_on_the_screen_while_deliveries_are_paused() -> None:
    snapshot = snapshot_at(4 * HOUR)
    for paused in (False, True):
        view = view_of(replace(snapshot, queue=replace(snapshot.queue, paused=paused)))
        assert "127.0.0.1" not in text_of(flow.draw(view, 78, 5).aside)
        aside = text_of(flow.draw(replace(view, lab="MX 127.0.0.1:2525"), 78, 5).aside)
        assert aside.startswith("send to MX 127.0.0.1:2525")


def test_every_kind_of_event_has_its_word() -> None:
    kinds = get_args(EventKind)
    events = [Event(n, n, kind, "someone", f"says {kind}") for n, kind in enumerate(kinds)]
    rows = texts(feed.draw(view_of(replace(snapshot_at(HOUR), alerts=()), events), 60, 30))
    assert len(rows) == len(kinds)


def test_real_mail_is_marked_and_has_its_own_subject() -> None:
    rows = texts(mail.draw(view_of(snapshot_at(4 * HOUR)), 120, 5))
    assert rows[1].startswith("✉ ")
    assert rows[0].split()[:2] == ["no.", "arrived"]
    assert [row[2:8] for row in rows[1:3]] == ["4711  ", "4712  "]
    assert "Booking 4711: containers" in rows[1]
    assert not rows[2].startswith("✉")


def test_a_changed_figure_has_a_glyph_beside_it() -> None:
    view = view_of(snapshot_at(4 * HOUR))
    view.marks.update(figures_of(snapshot_at(5 * HOUR)), 0.5)
    rows = texts(now.draw(view_of(snapshot_at(5 * HOUR)), 44, 6))
    marked = texts(now.draw(replace(view, snapshot=snapshot_at(5 * HOUR)), 44, 6))
    assert "▲" not in rows[2]
    assert "▲" in marked[2]
    assert rows[2].replace(" ", "") == marked[2].replace("▲", "").replace(" ", "")


def test_rows_are_spans_of_known_roles() -> None:
    from tui.painting.paint import _COLOURS

    view = view_of(snapshot_at(4 * HOUR))
    pages: list[tuple[Row, ...]] = [tuple(draw(view, 66, 10).rows) for draw in DRAWS.values()]
    roles = {role for rows in pages for row in rows for _, role in row}
    assert len(roles) > 5
    assert roles <= _COLOURS.keys()


def test_whoever_is_on_the_phone_says_how_long_yet_if_they_can() -> None:
    snapshot = snapshot_at(3 * HOUR)
    first, *others = snapshot.people
    for done_at_ms, told in ((3 * HOUR + 4 * MINUTE, "4 min left"), (None, "duration unknown")):
        calling = replace(first, doing="phone server-team", since_ms=3 * HOUR - MINUTE, done_at_ms=done_at_ms)
        rows = texts(phone.draw_calls(view_of(replace(snapshot, people=(calling, *others))), 90, 3))
        assert told in rows[0]


def test_what_is_said_of_the_servers_filter_is_what_is_set_and_since_when() -> None:
    snapshot = snapshot_at(HOUR)
    told = []
    for state, since_ms in (
        ("none of its own", None),
        ("in force, treats the backup as the sender", None),
        ("in force, with enhanced filtering", HOUR // 2),
        ("skipped by a rule", HOUR // 2),
    ):
        one = replace(snapshot.protection.filter, state=state, since_ms=since_ms)
        view = view_of(replace(snapshot, protection=replace(snapshot.protection, filter=one)))
        told += [row for row in texts(ways.draw(view, 90, 5)) if row.startswith("filter ")]
    assert [row.split(maxsplit=1)[1].rstrip() for row in told] == [
        "none of its own",
        "in force, treats the backup as the sender",
        "in force, with enhanced filtering  since Mon 08:30",
        "skipped by a rule  since Mon 08:30",
    ]


def test_who_phoned_beside_users_stands_at_the_tickets() -> None:
    snapshot = snapshot_at(3 * HOUR)
    quiet = texts(tickets.draw(view_of(snapshot), 60, 20))
    assert not [line for line in quiet if "phoned" in line]
    desk = replace(snapshot.helpdesk, executives=3, partners=1)
    rung = texts(tickets.draw(view_of(replace(snapshot, helpdesk=desk)), 60, 20))
    assert "executives phoned 3 times, partners phoned once" in rung


@pytest.mark.parametrize(
    ("room", "told"),
    [
        (40, "Harbour Freight Forwarding, Mon 2 Mar"),
        (30, "Harbour Freight Forwarding"),
        (17, "Harbour Freight"),
        (7, "Harbour"),
        (6, ""),
    ],
)
def test_the_header_leaves_words_of_the_title_out_and_cuts_none(room: int, told: str) -> None:
    assert fitting_title("Harbour Freight Forwarding, Mon 2 Mar", room) == told


@pytest.mark.parametrize(
    ("audience", "reached", "told"),
    [
        ("users", 1, "reaches 1 user"),
        ("users", 1204, "reaches 1 204 users"),
        ("users", 0, "reaches no one"),
        ("executives", 1, "received"),
        ("partners", None, "no read receipts"),
    ],
)
def test_whom_a_word_reached_is_told_by_who_was_to_hear_it(
    audience: str, reached: int | None, told: str
) -> None:
    said = StatementView(HOUR, "Joana", audience, "sms", reached, "", None, "")
    snapshot = snapshot_at(2 * HOUR)
    view = view_of(replace(snapshot, room=replace(snapshot.room, said=(said,))))
    assert texts(room.draw_words(view, 80, 9))[1].strip() == told


def test_what_the_lock_lets_in_is_one_sentence_and_the_age_of_its_console_is_never_scrolled_off() -> None:
    """Where a list is longer than its pane the frame says how much is below, and no longer how old it is."""
    snapshot = snapshot_at(HOUR)
    told = []
    for lock, lets_in in (
        ("rejects", ()),
        ("rejects", ("backup",)),
        ("quarantines", ("backup",)),
        ("rejects", ("backup", "internet")),
    ):
        one = LockView(lock, lets_in, (), None)
        seen = Seen("mail server's console", 1000)
        connector = replace(snapshot.protection.connector, seen=seen, no_answer_ms=30 * MINUTE)
        shown = replace(snapshot.protection, lock=one, connector=connector)
        rows = texts(Listed(ways.draw)(view_of(replace(snapshot, protection=shown)), 78, 4))
        assert rows[0].split(maxsplit=1)[1] == "as of Mon 08:00, no response Mon 08:30"
        told += [row.split(maxsplit=1)[1] for row in rows if row.startswith("lock ")]
    assert told == [
        "accepts only the gateway",
        "accepts only the gateway and the backup",
        "quarantines all mail not from the gateway and the backup",
        "open to any source",
    ]


@pytest.mark.parametrize(
    ("width", "told"),
    [(44, "queued mail in delivery, nothing to bounce"), (40, "in delivery, nothing to bounce")],
)
def test_that_nothing_will_bounce_is_told_in_as_many_words_as_fit(width: int, told: str) -> None:
    queue = replace(snapshot_at(HOUR).queue, depth=3, first_expiry_ms=None, paused=False)
    view = view_of(replace(snapshot_at(HOUR), queue=queue))
    assert texts(ages.draw(view, width, 11))[-1] == told


def test_an_error_of_hours_ago_is_not_shown_as_present_beside_flowing_mail() -> None:
    broken = snapshot_at(3 * HOUR)
    first, second, *others = broken.hops
    mended = replace(
        broken,
        hops=(first, replace(second, state="flowing"), *others),
        queue=replace(broken.queue, last_error_ms=broken.t_ms - 5 * HOUR),
    )
    last = texts(flow.draw(view_of(mended), 100, 9))[-1]
    assert last.startswith("past error: ")
    fresh = replace(mended, queue=replace(mended.queue, last_error_ms=mended.t_ms - MINUTE))
    for snapshot in (broken, fresh):
        assert texts(flow.draw(view_of(snapshot), 100, 9))[-1].startswith("✗ ")


@pytest.mark.parametrize(
    ("next_ms", "promise", "told"),
    [(HOUR, "open", True), (HOUR, "broken", True), (HOUR, "kept", False), (3 * HOUR, "open", False)],
)
def test_an_overdue_promise_is_above_the_activity_on_every_screen_that_has_it(
    next_ms: int, promise: str, told: bool
) -> None:
    snapshot = snapshot_at(2 * HOUR)
    said = StatementView(MINUTE, "Joana", "executives", "phone", 1, "", next_ms, promise)  # type: ignore[arg-type]
    view = view_of(replace(snapshot, alerts=(), room=replace(snapshot.room, said=(said,))))
    for width in (36, 48, 78, 120):
        first = texts(feed.draw(view, width, 9))[0]
        assert ("overdue" in first) is told
        assert len(first) <= width
    later = replace(said, t_ms=2 * HOUR - 1, next_ms=None, promise="")
    settled = view_of(replace(snapshot, alerts=(), room=replace(snapshot.room, said=(said, later))))
    assert "overdue" not in texts(feed.draw(settled, 78, 9))[0], "a newer update to the same people"


def test_the_room_shows_its_decisions_among_its_results() -> None:
    decided = Event(0, HOUR, "done", "Daniel", "decided on mx: no", "decide mx no")
    (head, text) = texts(last_results.draw("Room", view_of(snapshot_at(HOUR), [decided]), 60, 9))
    assert head.startswith("✓ decide mx no")
    assert text.strip() == "decided on mx: no"
    assert texts(last_results.draw("DNS", view_of(snapshot_at(HOUR), [decided]), 60, 9))[0].startswith(
        "no results"
    )
