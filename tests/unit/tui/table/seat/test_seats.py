"""Seats: screens that live without a client, lose nothing, and do not disturb each other."""

import asyncio
import io
import sys

import pytest
from textual.events import Key

from sim.drill.session.journal import DiskFull
from sim.table.looks import RequestView
from tests.at_table import asking, at_table, plain, shown
from tui.table.seat.seat import SeatTaken


async def test_a_line_goes_to_the_exercise_with_seat_and_person() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        lead.feed(b"queue retry inbound\r")
        await shown(lead, "noted queue retry inbound")
        assert here.exercise.session.given == ["lead Ann: queue retry inbound"]


async def test_keys_of_another_screen_of_this_process_reach_a_seat() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        for char in "note hello":
            lead.press(Key("space" if char == " " else char, char))
        lead.press(Key("enter", "\r"))
        await shown(lead, "noted note hello")
        assert here.exercise.session.given == ["lead Ann: note hello"]


async def test_a_paste_is_typed_once() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        lead.feed(b"\x1b[200~probe mx\rall\x1b[201~\r")
        await shown(lead, "noted probe mx all")
        assert here.exercise.session.given == ["lead Ann: probe mx all"]


async def test_the_first_line_at_an_empty_seat_is_the_name_of_its_person() -> None:
    async with at_table(people=False) as here:
        lead = await here.at("lead")
        await shown(lead, "Type your name and press Enter to take the seat lead")
        lead.feed("Zoë\r".encode())
        await shown(lead, "welcome, Zoë")
        assert here.exercise.people == {"lead": "Zoë"}


async def test_two_seats_see_what_the_other_did() -> None:
    async with at_table() as here:
        lead, dns = await here.at("lead"), await here.at("dns")
        lead.feed(b"note hello\r")
        dns.feed(b"0")  # the log
        await shown(dns, "note hello")


async def test_a_client_that_comes_back_finds_its_place_and_the_half_typed_line() -> None:
    async with at_table() as here:
        lead = await here.at("lead", "browser 1")
        lead.feed(b"4")
        await shown(lead, "DNS: the MX record")
        lead.feed(b"queue ret")
        await shown(lead, "queue ret")
        lead.end()
        again = await here.at("lead", "browser 1", 100, 30)
        assert "DNS: the MX record" in await shown(again, "queue ret")


async def test_another_person_at_the_seat_finds_no_line_of_the_one_before() -> None:
    async with at_table() as here:
        lead = await here.at("lead", "browser 1")
        lead.feed(b"queue ret")
        await shown(lead, "queue ret")
        lead.end()
        assert here.seats.away("lead")
        here.exercise.people["lead"] = "Zoe"
        assert not here.seats.away("lead")
        again = await here.at("lead", "browser 2")
        again.feed(b"note new\r")
        await shown(again, "noted note new")
        assert here.exercise.session.given == ["lead Zoe: note new"]


async def test_a_seat_is_away_from_when_its_client_has_gone_until_one_is_back() -> None:
    async with at_table() as here:
        assert not here.seats.away("lead")  # typed for by the facilitator
        lead = await here.at("lead", "browser 1")
        assert not here.seats.away("lead")
        lead.end()
        assert here.seats.away("lead")
        await here.at("lead", "browser 1")
        assert not here.seats.away("lead")


async def test_nothing_is_painted_for_a_seat_without_a_client() -> None:
    async with at_table() as here:
        lead = await here.at("lead", "browser 1")
        await shown(lead, "Inbound queue")
        lead.end()
        assert not here.seats._seats["lead"]._app.desk.watched
        assert await lead.outlet.take() == b""


async def test_a_second_client_is_refused_while_no_one_can_be_asked() -> None:
    async with at_table() as here:
        await here.at("lead", "browser 1")
        with pytest.raises(SeatTaken, match=r"seat lead is taken \(a test browser 1\); ask the facilitator"):
            await here.at("lead", "browser 2")
        assert here.seats.client_of("lead") == "a test browser 1"


@pytest.mark.parametrize("answer", [True, False])
async def test_the_facilitator_decides_about_a_second_client(answer: bool) -> None:
    asked: list[str] = []
    async with at_table(asking(answer, asked)) as here:
        first = await here.at("lead", "browser 1")
        if answer:
            await here.at("lead", "browser 2")
            assert first.why == "the seat was opened elsewhere"
        else:
            with pytest.raises(SeatTaken):
                await here.at("lead", "browser 2")
        assert asked == ["lead: a test browser 2 for a test browser 1"]


async def test_a_client_that_is_recognised_takes_its_own_place_again() -> None:
    asked: list[str] = []
    async with at_table(asking(False, asked)) as here:
        await here.at("lead", "browser 1")
        await here.at("lead", "browser 1")
        assert asked == []


async def test_the_facilitator_frees_a_seat_and_a_client_without_an_id_is_never_recognised() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        with pytest.raises(SeatTaken):
            await here.at("lead")
        assert here.seats.free("lead")
        assert lead.why == "the facilitator freed the seat"
        await here.at("lead")
        assert not here.seats.free("dns")
        assert here.reported == [
            "seat lead: a test  is here",
            "seat lead: a test  has gone, the facilitator freed the seat",
            "seat lead: a test  is here",
        ]
        again = here.seats._seats["lead"].attached
        assert again is not None
        again.feed(b"\x11")  # ^Q
        while await again.outlet.take():
            pass
        assert here.reported[-1] == "seat lead: a test  has gone"


async def test_the_keys_of_the_clock_say_whose_it_is() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        await shown(lead, "Inbound queue")
        for key in (" ", "+", "-", ".", ">", "!", ";", "#", ",", "*", "[", "jump end\r", "rewind 2h\r"):
            lead.feed(b"1")  # a place: the reply before has been read
            lead.feed(key.encode())
            await shown(lead, "the facilitator runs the clock")
        assert len(here.exercise.session.advances) == 1  # the one of the set-up


async def test_a_seat_shows_its_own_places_only() -> None:
    async with at_table() as here:
        dns = await here.at("dns")
        await shown(dns, "DNS: the MX record")
        dns.feed(b"1")
        await shown(dns, "dns cannot see that place; it can see DNS, Phone, Room, Log")
        dns.feed(b"\x0f")  # ^O
        await shown(dns, "Calls")


async def test_control_characters_that_someone_typed_do_not_reach_another_seat() -> None:
    hostile = "note \x1b]0;owned\x07 \x9b31m \u202eevil\x00"
    async with at_table() as here:
        dns = await here.at("dns")
        dns.feed(b"0")
        here.exercise.do("lead", "Ann", hostile)
        seen = bytearray()
        async with asyncio.timeout(10):
            while "owned" not in plain(bytes(seen)):
                seen += await dns.outlet.take()
        text = seen.decode()
        assert "\x1b]" not in text
        assert not set("\x07\x9b\u202e\x00") & set(text)


async def test_a_full_disk_is_told_to_the_seat_that_typed() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        here.exercise.raises = DiskFull("journal: no space left")
        lead.feed(b"note this\r")
        await shown(lead, "not done, because the journal cannot be written")


async def test_a_seat_that_fails_is_reported_and_starts_again_while_the_others_go_on() -> None:
    async with at_table() as here:
        lead, dns = await here.at("lead"), await here.at("dns")
        here.exercise.raises = RuntimeError("a fault of ours")
        lead.feed(b"note this\r")
        async with asyncio.timeout(10):
            while await lead.outlet.take():
                pass
        assert "internal error" in lead.why
        assert "seat lead: internal error (a fault of ours); reload to start it again" in here.reported
        here.exercise.raises = None
        dns.feed(b"note still here\r")
        await shown(dns, "noted note still here")
        await shown(await here.at("lead"), "Inbound queue")


async def test_prints_of_the_process_go_where_they_went_whoever_redirects_them_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The facilitator's screen takes the prints while it is shown, and ends before or after a seat."""
    terminal, screen = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", terminal)
    async with at_table() as here:
        await here.at("lead")
        assert sys.stdout is terminal
        monkeypatch.setattr(sys, "stdout", screen)
        await here.at("dns")
        assert sys.stdout is screen
        monkeypatch.setattr(sys, "stdout", terminal)  # the screen has ended
    assert sys.stdout is terminal


async def test_after_a_rewind_the_seat_shows_the_events_of_the_earlier_moment_only() -> None:
    async with at_table() as here:
        dns = await here.at("dns")
        here.exercise.do("lead", "Ann", "note undone later")
        dns.feed(b"0")
        await shown(dns, "note undone later")
        del here.exercise.session.log[-1]
        here.exercise.session.tell(here.exercise.now_ms, "note", "lead", "another history")
        here.exercise.rewinds += 1
        await shown(dns, "another history")
        dns.end()
        seen = await shown(await here.at("dns"), "another history")
        assert "undone later" not in seen


async def test_after_a_rewind_the_seat_says_so_until_the_next_key() -> None:
    async with at_table() as here:
        dns = await here.at("dns", columns=160)
        dns.feed(b"note half-ty")
        await shown(dns, "half-ty")
        here.exercise.rewinds += 1
        told = await shown(dns, "what came after it has not happened.")
        assert "The facilitator went back to Mon 11:00; " in told
        dns.feed(b"p")
        await shown(dns, "half-typ")
        dns.end()
        assert "went back" not in await shown(await here.at("dns", columns=160), "half-typ")


async def test_after_a_rewind_a_line_that_was_refused_later_is_gone() -> None:
    async with at_table() as here:
        dns = await here.at("dns", columns=160)
        here.exercise.refuses = "the clock runs"
        dns.feed(b"predict 5\r")
        await shown(dns, "the clock runs")
        here.exercise.rewinds += 1
        await shown(dns, "The facilitator went back to")
        here.exercise.session.tell(here.exercise.now_ms, "talk", "Ann (lead)", "look at the zone")
        desk = here.seats._seats["dns"]._app.desk
        desk.frame()
        assert desk.news is not None
        dns.end()
        again = await here.at("dns", columns=160)
        seen = await shown(again, "has not happened")
        assert "predict 5" not in seen
        assert "the clock runs" not in seen
        again.feed(b"\x1b[D")  # any key
        await shown(again, "New talk: Ann (lead): look at the zone")


async def test_a_call_shows_the_number_with_which_it_is_answered() -> None:
    async with at_table() as here:
        lead = await here.at("lead", columns=160)
        call = next(one for one in here.exercise.session.log if "Four people say" in one.text)
        await shown(lead, f"#{call.seq} Four people say")


async def test_help_of_a_seat_has_its_keys_and_the_words_of_the_table() -> None:
    async with at_table() as here:
        dns = await here.at("dns", rows=80)
        dns.feed(b"?")
        text = await shown(dns, "Table commands")
        assert "You are at the seat dns" in text
        assert "0  Log" in text
        assert "1  Overview" not in text
        assert "End the drill" not in text
        dns.feed(b"q")
        await shown(dns, "DNS: the MX record")
        dns.feed(b"mx set\x07")  # ^G explains what is typed
        await shown(dns, "In your product")


async def test_a_request_stays_in_sight_until_it_is_answered() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        here.exercise.asked = [
            RequestView(1, 0, "dns", "lead", "an old one", "allowed"),
            RequestView(2, 0, "lead", "dns", "of its own", "open"),
            RequestView(3, 0, "dns", "lead", "mx set backup", "open"),
        ]
        lead.feed(b"1")
        text = await shown(lead, "Request 3 from dns: mx set backup. Answer `allow 3` or `deny 3 REASON`")
        assert "of its own" not in text
        here.exercise.asked = []
        lead.feed(b"1")
        await shown(lead, "1 Overview")


async def test_a_refused_line_and_a_half_typed_one_do_not_hide_a_request() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        here.exercise.refuses = "the clock runs"
        lead.feed(b"predict 5\r")
        await shown(lead, "the clock runs")
        here.exercise.asked = [RequestView(3, 0, "dns", "lead", "mx set backup", "open")]
        here.exercise.session.tell(here.exercise.now_ms, "talk", "dns", "asks lead for a change")
        await shown(lead, "Request 3 from dns: mx set backup. Answer `allow 3` or `deny 3 REASON`")
        lead.end()
        again = await here.at("lead")
        assert "Request 3 from dns" in await shown(again, "the clock runs")  # the reason is still there
        again.feed(b"\x1bnote half-ty")
        await shown(again, "half-ty")
        again.end()
        assert "Request 3 from dns" in await shown(await here.at("lead"), "half-ty")


async def test_news_are_shown_where_no_list_of_events_is_until_a_place_is_chosen() -> None:
    async with at_table() as here:
        dns = await here.at("dns")
        await shown(dns, "DNS: the MX record")
        here.exercise.session.tell(here.exercise.now_ms, "fault", "hidden", "the truth")
        here.exercise.session.tell(here.exercise.now_ms, "talk", "Ann (lead)", "look at the zone")
        assert "the truth" not in await shown(dns, "New talk: Ann (lead): look at the zone")
        dns.feed(b"9")
        assert "1 Overview" not in await shown(dns, "4 DNS 6 Phone 9 Room 0 Log")


async def test_news_and_requests_take_the_place_of_an_older_reply() -> None:
    async with at_table() as here:
        dns = await here.at("dns")
        dns.feed(b"note first\r")
        await shown(dns, "noted note first")
        here.exercise.session.tell(here.exercise.now_ms, "talk", "Ann (lead)", "look at the zone")
        await shown(dns, "New talk: Ann (lead): look at the zone")
        dns.feed(b"note second\r")
        assert "New talk" not in (await shown(dns, "noted note second")).rpartition("note second")[2]
        here.exercise.asked = [RequestView(3, 0, "lead", "dns", "mx set backup", "open")]
        here.exercise.session.tell(here.exercise.now_ms, "talk", "Ann (lead)", "asks dns for a change")
        await shown(dns, "Request 3 from lead: mx set backup")


async def test_a_seat_paints_less_often_while_the_process_is_late() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        await shown(lead, "EXERCISE")
        desk, painted = here.seats._seats["lead"]._app.desk, []
        for late_s in (0.0, 1.0):
            here.clock.late_s = late_s
            for _ in range(10):
                here.exercise.session.now_ms += 1000
                painted.append(desk.frame())
        assert painted[:10].count(True) == 10
        assert painted[10:].count(True) == 2


async def test_a_seat_leaves_the_tasks_of_the_process_as_they_are() -> None:
    """Textual asks for eager tasks from Python 3.12 on; asyncssh loses its connections with them."""
    async with at_table() as here:
        await here.at("lead")
        assert asyncio.get_running_loop().get_task_factory() is None
