"""kill -9 at many moments of a drill with real mail: nothing lost, nothing twice, the same history.

Four in `make test`, where each costs a second of processor time to be born again, twenty in `make test-long`.
"""

import asyncio
import mailbox
import random
import smtplib
from collections import Counter
from pathlib import Path

import pytest

from sim.drill.services.real_mail import Letter
from sim.drill.session.journal_reading import read_journal
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from tests.examples import KILLS as ASKED
from tests.examples import TIMES

SETTINGS = {"users": "50", "outage": "120h"}
KILLS = 4 if TIMES == 1 and not ASKED else 20
"""In each drill; `make kills` plays several."""
EARLY = 2 if KILLS == 4 else 8
"""So many of them happen on the first day, while letters come in."""
SEED = 20260302
SPEED, SLOW = "36000", "1800"


async def send(port: int, subject: str, recipient: str = "bob@harbour.example") -> bool:
    """One message by smtplib; was it acknowledged? (The program may be killed meanwhile.)"""

    def session() -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=30) as client:
                client.sendmail("ada@partner.example", [recipient], f"Subject: {subject}\r\n\r\nHi\r\n")
        except (OSError, smtplib.SMTPException):
            return False
        return True

    return await asyncio.to_thread(session)


class Killer:
    """Plays one drill in many lives; each ends with kill -9 at a moment that a seeded draw chooses."""

    def __init__(self, mxdrill, journal: Path, seed: int) -> None:
        self._mxdrill, self._journal = mxdrill, journal
        self._draw = random.Random(seed)
        self._speed, self._returned = SPEED, False
        self.acknowledged: list[str] = []

    async def _born(self):
        if not self._journal.exists():
            settings = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]
            kept = ("--journal", str(self._journal))
            words = ("lab", "exchange-down", "--speed", self._speed, *kept, *settings)
        else:
            words = ("resume", str(self._journal), "--speed", self._speed)
        return await self._mxdrill(*words)

    async def die_early(self, number: int) -> None:
        """Send, and die amid the acknowledgements or some lines of output later."""
        program, mx, smart_host = await self._life()
        if number == 0:
            await program.until("deliveries to your mail server are failing")  # new mail will bounce
        sending = [
            asyncio.create_task(self._send(mx, f"letter {number}.in")),
            asyncio.create_task(self._send(smart_host, f"letter {number}.out", "eve@partner.example")),
        ]
        if self._draw.random() < 0.5:
            await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
        else:
            for _ in range(self._draw.randrange(12)):
                await program.line()
        await program.kill()
        await asyncio.gather(*sending)

    async def die_delivering(self, number: int) -> None:
        """Send, wait until the world lets a letter go, and die amid its way or some lines later."""
        program, mx, _smart_host = await self._life()
        sending = asyncio.create_task(self._send(mx, f"letter {number}"))
        went = await program.until_any(": returned to its sender", ": accepted by the mail server")
        self._returned |= ": returned to its sender" in went
        if self._returned and ": accepted by the mail server" in went:
            self._speed = SLOW  # the server is back: the drill shall not be over before the last kill
        for _ in range(self._draw.randrange(3)):
            await program.line()
        await program.kill()
        await sending

    async def _life(self):
        program = await self._born()
        mx, smart_host = await program.port("MX"), await program.port("smart host")
        await program.port("internet")
        return program, mx, smart_host

    async def _send(self, port: int, subject: str, recipient: str = "bob@harbour.example") -> None:
        if await send(port, subject, recipient):
            self.acknowledged.append(subject)

    async def live_to_the_end(self) -> None:
        self._speed = SPEED
        program = await self._born()
        assert await program.end() == 0


@pytest.mark.timeout(600 if not ASKED else 3_600)
@pytest.mark.parametrize("play", range(ASKED // KILLS or 1))
async def test_kills_neither_lose_nor_duplicate_nor_change_anything(
    mxdrill, tmp_path: Path, play: int
) -> None:
    journal = tmp_path / "drill.jsonl"
    killer = Killer(mxdrill, journal, SEED + play)
    for number in range(KILLS):
        await (killer.die_early(number) if number < EARLY else killer.die_delivering(number))
    await killer.live_to_the_end()

    uninterrupted, compared = same_inputs_without_a_break(journal)
    assert compared >= 1
    assert uninterrupted.ended
    assert {letter.subject for letter in letters_in(journal)} >= set(killer.acknowledged)
    assert len(killer.acknowledged) >= KILLS // 2, (
        "most letters must have been acknowledged for this to say anything"
    )
    effects = uninterrupted.effects()
    assert Session.replay(journal).settled == {effect.n for effect in effects}
    subject_of = {letter.spool: letter.subject for letter in letters_in(journal)}
    wanted = Counter((effect.kind, subject_of[effect.spool]) for effect in effects)
    assert set(wanted.values()) == {1}
    assert len({kind for kind, _ in wanted}) == 2, "some must come back and some must be delivered"
    assert len(wanted) == len(letters_in(journal))
    assert arrived(journal) == wanted


def letters_in(journal: Path) -> list[Letter]:
    """The letters that were journaled, which are those that count as received."""
    found = [entry["letter"] for entry in read_journal(journal) if entry["is"] == "letter"]
    return [Letter(**{**fields, "recipients": tuple(fields["recipients"])}) for fields in found]


def same_inputs_without_a_break(journal: Path) -> tuple[Session, int]:
    """A drill that is given the same letters at the same times and never stops; how many digests agreed."""
    session = Session.start(load_scenario("exchange-down", SETTINGS), 1)
    compared = 0
    for entry in read_journal(journal)[1:]:
        if entry["is"] == "letter":
            fields = entry["letter"]
            session.advance(entry["t"])
            session.receive(Letter(**{**fields, "recipients": tuple(fields["recipients"])}))
        elif "digest" in entry:
            session.advance(entry["t"])
            assert session.digest() == entry["digest"], f"at {entry['t']} ms"
            compared += 1
    return session, compared


def arrived(journal: Path) -> Counter[tuple[str, str]]:
    """What lies in the two mailboxes, as (kind of effect, subject of the letter)."""
    folder = journal.with_suffix(".mail")
    relayed = [
        ("relay", message["Subject"]) for message in mailbox.Maildir(folder / "mailserver", create=False)
    ]
    outside = [
        ("bounce", message.get_payload()[2].get_payload().partition("Subject: ")[2].splitlines()[0])
        if message.is_multipart()
        else ("relay", message["Subject"])
        for message in mailbox.Maildir(folder / "internet", create=False)
    ]
    return Counter(relayed + outside)
