"""The mail server's disk: look at it before a backlog comes, let go of logs, move the queue elsewhere."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import Command, Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.organisation.organisation import ServerDisk
from sim.drill.scenario.server_limits import servers
from sim.kernel.duration import MINUTE_MS
from sim.kernel.size import GB, in_words
from sim.mail.server.disk import Disk


def _out_of_reach(drill: Drill) -> str | None:
    """Why nobody gets at the disk now; None if somebody does."""
    if drill.scenario.organisation.server.disk is None:
        return "the mail server's disk is not yours to look at"
    return None


def _disk(drill: Drill) -> tuple[Disk, ServerDisk, int]:
    """The disk, what the organisation's file says of it, and how many messages were accepted so far."""
    pressure, file = drill.world.intake.pressure, drill.scenario.organisation.server.disk
    disk = pressure.disk(drill.now_ms) if pressure is not None else None
    if disk is None or file is None:
        raise ValueError("the mail server has no disk of its own")
    return disk, file, len(drill.world.intake.submission.delivered)


def found(drill: Drill) -> str:
    """What is in use, what a backup would let go of, and from when on mail is refused."""
    disk, _file, accepted = _disk(drill)
    waiting = len(drill.world.intake.submission)
    used = disk.used_bytes(accepted, waiting)
    refuses = "; it REFUSES mail from outside" if disk.full else ""
    room = max(0, disk.rules.fills_percent * disk.size_bytes // 100 - used)
    return (
        f"disk: {disk.percent_used(accepted, waiting):.1f} % of {in_words(disk.size_bytes)} used, "
        f"{in_words(max(0, disk.size_bytes - used))} free; logs since the last backup "
        f"{in_words(disk.logs_bytes(accepted))}; {in_words(room)} until mail from outside is refused at "
        f"{disk.rules.fills_percent} %{refuses}; a backlog wants three times its size"
    )


@dataclass(frozen=True, slots=True)
class DiskShow(Command):
    """Look at the volume with the mail server's queue and logs: is there room for what waits?"""

    words: ClassVar = ("disk", "show")
    facts: ClassVar = Facts(
        role="server-team",
        where="Exchange shell",
        result="report",
        product=InYourProduct(
            path="Get-Volume; Get-Queue Submission; Get-ExchangeDiagnosticInfo -Process EdgeTransport "
            "-Component ResourceThrottling",
            who="server administrator",
            how_long="3 minutes",
            simplified="queue and logs on one volume; every message has the mean size",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _out_of_reach(drill)

    def act(self, drill: Drill, by: str) -> str:
        return found(drill)


@dataclass(frozen=True, slots=True)
class DiskFree(Command):
    """Back the mail server up, so that it lets go of the logs that have piled up."""

    words: ClassVar = ("disk", "free")
    facts: ClassVar = Facts(
        role="server-team",
        where="Exchange shell",
        lead_ms=45 * MINUTE_MS,
        undo="no",
        exposes="nothing; logs that are deleted by hand instead cannot be replayed",
        product=InYourProduct(
            path="a full backup of the databases, which truncates the logs; Get-MailboxDatabase -Status",
            who="server administrator",
            how_long="10 minutes, and as long as the backup runs",
            simplified="the backup succeeds, and lets go of all logs at its end",
        ),
    )

    def lead_ms(self, drill: Drill) -> int:
        disk = drill.scenario.organisation.server.disk
        return disk.backup_ms if disk is not None else self.facts.lead_ms

    def lead_told_ms(self, drill: Drill) -> int:
        return self.lead_ms(drill)  # as long as the backup always takes

    def refusal(self, drill: Drill) -> str | None:
        return _out_of_reach(drill)

    def act(self, drill: Drill, by: str) -> str:
        disk, _file, accepted = _disk(drill)
        let_go = disk.back_up(accepted)
        return f"backed up; {in_words(let_go)} of logs let go of. {found(drill)}"


@dataclass(frozen=True, slots=True)
class DiskMove(Command):
    """Move the mail server's queue and its logs to the spare volume."""

    words: ClassVar = ("disk", "move")
    facts: ClassVar = Facts(
        role="server-team",
        where="Exchange shell",
        undo="no; once is enough",
        product=InYourProduct(
            path="EdgeTransport.exe.config: QueueDatabasePath, QueueDatabaseLoggingPath; "
            "Move-TransportDatabase.ps1; restart of the transport service",
            who="server administrator",
            how_long="half an hour",
            simplified="the transport service does not stop meanwhile",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if (out := _out_of_reach(drill)) is not None:
            return out
        disk, file, _accepted = _disk(drill)
        if not file.spare_gb:
            return "there is no spare volume; `disk free` lets go of logs"
        if disk.moved:
            return "the queue lies on the spare volume already"
        return None

    def act(self, drill: Drill, by: str) -> str:
        disk, file, accepted = _disk(drill)
        disk.move(file.spare_gb * GB * servers(drill.scenario.organisation), accepted)
        return f"queue and logs moved. {found(drill)}"
