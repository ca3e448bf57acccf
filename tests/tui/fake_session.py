"""A drill made of arithmetic: it looks like an outage, and every figure follows from the time alone."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sim.drill.commands.command import Command
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.room.events import Event, EventKind
from sim.drill.snapshot.console import (
    AlertView,
    ContinuityView,
    HelpdeskView,
    Hop,
    MailView,
    ObjectiveView,
    PersonView,
    QueueView,
    SeenCount,
    Snapshot,
)
from sim.drill.snapshot.mail_routes import ConnectorView, FilterView, LockView, ProtectionView, Seen

MINUTE, HOUR = 60_000, 3_600_000
STARTS_UTC_MS = 1_772_438_400_000  # Mon 2 Mar 2026 08:00 UTC, which is 08:00 in London
ZONE = "Europe/London"
DOWN_MS = 72 * MINUTE
RETENTION_MS = 96 * HOUR
BANDS = (
    ("< 5 min", 5),
    ("5-15 min", 15),
    ("15-60 min", 60),
    ("1-4 h", 240),
    ("4-24 h", 1440),
    ("1-3 d", 4320),
    ("> 3 d", 10**9),
)


def depth_at(t_ms: int) -> int:
    """82 messages a minute from the outage on."""
    return max(0, t_ms - DOWN_MS) * 82 // MINUTE


@dataclass
class FakeSession:
    """Stands in for a session; keeps what it was asked to do."""

    now_ms: int = 0
    ends_ms: int = 200 * HOUR
    given: list[str] = field(default_factory=list)
    marks: int = 0
    digests: list[int] = field(default_factory=list)
    """The moments that were marked with a digest."""
    advances: list[tuple[int, int]] = field(default_factory=list)
    refuse: str = ""
    raises: Exception | None = None
    by_hand: bool = False
    log: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tell(0, "report", "monitoring", "Everything is in order.")

    def finish(self) -> None:
        self.ends_ms = self.now_ms
        self.by_hand = True

    @property
    def complete(self) -> bool:
        return self.ended and not self.by_hand

    @property
    def ended(self) -> bool:
        return self.now_ms >= self.ends_ms

    def tell(self, t_ms: int, kind: EventKind, source: str, text: str) -> None:
        self.log.append(Event(len(self.log), t_ms, kind, source, text))

    def dispatch(self, command: Command | str) -> Accepted | Refused:
        if self.raises:
            raise self.raises
        text = str(command)
        self.given.append(text)
        if self.refuse:
            self.tell(self.now_ms, "refused", "you", f"{text}: {self.refuse}")
            return Refused(text, self.refuse)
        self.tell(self.now_ms, "command", "messaging admin", text)
        return Accepted(Command(), "messaging admin", self.now_ms, self.now_ms + MINUTE, f"given: {text}")

    def advance(self, to_ms: int, stop: object = None) -> None:
        to_ms = min(to_ms, self.ends_ms)
        for at, kind, source, text in STORY:
            if self.now_ms <= at < to_ms:
                self.tell(at, kind, source, text)
        self.advances.append((self.now_ms, to_ms))
        self.now_ms = to_ms

    def catch_up(self) -> None:
        """It never lags."""

    def mark(self, *, digest: bool = False) -> None:
        if self.raises:
            raise self.raises
        self.marks += 1
        if digest:
            self.digests.append(self.now_ms)

    def events(self, since: int = 0) -> list[Event]:
        return self.log[since:]

    def series(
        self, what: str, a_ms: int, b_ms: int, points: int, plotted_ms: int | None = None
    ) -> list[int]:
        return [depth_at(a_ms + (b_ms - a_ms) * i // max(1, points - 1)) for i in range(points)]

    def snapshot(self, listed: int = 50) -> Snapshot:
        whole = snapshot_at(self.now_ms, self.ended)
        return replace(whole, mail=whole.mail[:listed])


STORY: tuple[tuple[int, EventKind, str, str], ...] = (
    (72 * MINUTE, "fault", "mail server", "the mail server stops"),
    (78 * MINUTE, "call", "helpdesk", "Four people say that Outlook is disconnected."),
    (80 * MINUTE, "monitor", "Service Monitor", "512 messages are on retry (limit 500)."),
    (
        84 * MINUTE,
        "sms",
        "Continuity Monitor",
        "Inbound queue threshold passed; start continuity by this link, valid 24 h.",
    ),
    (
        100 * MINUTE,
        "ticket",
        "helpdesk",
        '37 open: "Outlook disconnected", "Is it just me?", "When is email back, my bid is due at noon".',
    ),
    (
        111 * MINUTE,
        "call",
        "the managing director's office",
        "Nobody has told us anything. What is wrong with email, and when is it back?",
    ),
)


def snapshot_at(t: int, ended: bool = False) -> Snapshot:
    """What the console shows at `t`."""
    down = t >= DOWN_MS
    depth = depth_at(t)
    oldest = t - DOWN_MS if depth else None
    since = 120 * MINUTE
    users_in = min(688, max(0, t - since) // 2000)
    bands, before = [], 0
    for name, limit in BANDS:
        upto = depth - depth_at(max(0, t - limit * MINUTE)) if depth else 0
        bands.append((name, upto - before))
        before = upto
    local = datetime.fromtimestamp((STARTS_UTC_MS + t) / 1000, ZoneInfo(ZONE))
    delivered = min(t, DOWN_MS) * 82 // MINUTE
    console, server = Seen("gateway console", t), Seen("mail server's console", min(t, DOWN_MS))
    calls = min(300, max(0, t - DOWN_MS) // (2 * MINUTE))
    return Snapshot(
        t_ms=t,
        local=f"{local:%a} {local.day} {local:%b %Y %H:%M:%S %Z}",
        title="Exchange Server is unavailable",
        hops=(
            Hop("Internet", "Gateway", "flowing", 82, "1,204 correspondents", console),
            Hop(
                "Gateway",
                "Mail server",
                "refused" if down else "flowing",
                0 if down else 82,
                f"{depth:,} queued",
                console,
            ),
            Hop(
                "Mail server",
                "Gateway",
                "unknown" if down else "flowing",
                0 if down else 31,
                "no answer",
                server,
            ),
            Hop("Gateway", "Internet", "flowing", 11, "from the portal", console),
        ),
        queue=QueueView(
            depth,
            82 if down else 0,
            oldest,
            RETENTION_MS,
            False,
            tuple(bands),
            "451 4.4.1 [mail.harbour.example] connection refused" if depth else "",
            t - 12_000 if depth else None,
            DOWN_MS + RETENTION_MS if depth else None,
            0,
            0,
            0,
            False,
            "",
            console,
        ),
        continuity=ContinuityView(
            t >= since,
            "all" if t >= since else "",
            since if t >= since else None,
            since + 8 * HOUR if t >= since else None,
            users_in,
            console,
        ),
        ledger=(
            (
                "inbound",
                (("gateway_queue", SeenCount(depth, console)), ("delivered", SeenCount(delivered, server))),
            ),
            ("outbound", (("delivered", SeenCount(delivered // 3, console)),)),
            ("internal", (("delivered", SeenCount(delivered // 2, server)),)),
        ),
        users=1000,
        helpdesk=HelpdeskView(calls, min(30, calls), Seen("helpdesk", t)),
        protection=ProtectionView(
            ConnectorView("gateway", None, 0, server),
            LockView("open", (), (), None),
            FilterView("in force, treats the backup as the sender", None),
        ),
        alerts=(AlertView("a1", "Continuity Monitor", 84 * MINUTE, False, 84 * MINUTE + 24 * HOUR),)
        if t >= 84 * MINUTE
        else (),
        people=(
            PersonView("ma", "Ada Okoro", "messaging admin", "", 0),
            PersonView(
                "hd",
                "Ben Hale",
                "helpdesk",
                "notify users via=sms text=Use the portal",
                t + 3 * MINUTE,
                done_at_ms=t + 3 * MINUTE,
            )
            if down
            else PersonView("hd", "Ben Hale", "helpdesk", "", 0),
            PersonView("il", "Cara Lind", "incident lead", "", 0),
            PersonView("cm", "Dev Roy", "comms lead", "", 0),
        ),
        objectives=(
            ObjectiveView(
                "alert-acknowledged",
                "someone has it",
                "within 10 min of the first alert",
                "failed" if t > 110 * MINUTE else "open",
                104 * MINUTE if t > 110 * MINUTE else None,
            ),
            ObjectiveView(
                "continuity-active",
                "declare before you repair",
                "within 10 min of the first alert",
                "met" if users_in else "open",
                since if users_in else None,
            ),
            ObjectiveView(
                "users-told",
                "tell people over a channel that works",
                "within 10 min of the first alert",
                "open",
                None,
            ),
            ObjectiveView(
                "executives-told",
                "they should hear it from you",
                "within 10 min of the first alert",
                "open",
                None,
            ),
            ObjectiveView(
                "partners-told",
                "the outside sees only silence",
                "within 10 min of the first alert",
                "open",
                None,
            ),
            ObjectiveView(
                "pause-decided",
                "decide about pausing while there is time, and write it down",
                "within 10 min of the first alert",
                "open",
                None,
            ),
            ObjectiveView(
                "no-bounce",
                "96 hours are counted for each message",
                "within 10 min of the first alert",
                "open",
                None,
            ),
            ObjectiveView(
                "queue-drained",
                "recovery is not over when the server is back",
                "within 10 min of the first alert",
                "open",
                None,
            ),
        ),
        mail=tuple(
            MailView(
                4711 + n,
                f"Booking {4711 + n}: containers for Thursday",
                f"desk{n}@port.example",
                "bookings@harbour.example",
                t - n * 40_000,
                1 + n // 3,
                n == 0,
            )
            for n in range(min(50, depth))
        ),
        ended=ended,
    )
