"""Commands for the mail server's disk: show its use, truncate logs, move the queue to another volume."""

from typing import ClassVar

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.mail_server_file import ServerDisk
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.work_given import Turn
from sim.drill.scenario.build_server import servers
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.kernel.quantities import GB, size_in_words
from sim.mail.server.disk import Disk


@frozen
class OwnDisk(Command):
    """A command for the mail server's disk; only an organisation that runs its own server has one."""

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        if organisation.server.disk is not None:
            return None
        return "the mail server's disk is managed by the vendor, not by you"


def _disk(drill: Drill) -> tuple[Disk, ServerDisk, int]:
    """The disk, its block in the organisation's file, and the number of messages accepted so far."""
    pressure, file = drill.world.intake.pressure, drill.scenario.organisation.server.disk
    disk = pressure.disk(drill.now_ms) if pressure is not None else None
    if disk is None or file is None:
        raise ValueError("the mail server has no disk of its own")
    return disk, file, len(drill.world.intake.submission.delivered)


def found(drill: Drill) -> str:
    """Disk use, the logs that a backup would truncate, and the space left before mail is refused."""
    disk, _file, accepted = _disk(drill)
    waiting = len(drill.world.intake.submission)
    used = disk.used_bytes(accepted, waiting)
    limits, percent = disk.rules, disk.percent_used(accepted, waiting)
    room = max(0, limits.fills_percent * disk.size_bytes // 100 - used)
    refuses = f"{size_in_words(room)} until mail from outside is refused at {limits.fills_percent} %"
    if disk.full:
        below = f"below {limits.frees_percent} %"
        again = "with its next check in a few seconds" if percent < limits.frees_percent else below
        refuses = f"it REFUSES mail from outside, and accepts it again {again}"
    return (
        f"disk: {percent:.1f} % of {size_in_words(disk.size_bytes)} used, "
        f"{size_in_words(max(0, disk.size_bytes - used))} free; logs since the last backup "
        f"{size_in_words(disk.logs_bytes(accepted))}; {refuses}; a backlog takes up its size until it is "
        f"processed, and {limits.logs_percent} % of its size in logs until a backup"
    )


@frozen
class DiskShow(OwnDisk):
    """Show how full the mail server's volume for queue and logs is, and the space left for a backlog."""

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
            simplified="queue and logs are on one volume; every message has the mean size",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        return found(drill)


@frozen
class DiskFree(OwnDisk):
    """Free disk space with a backup of the mail server, which truncates its logs."""

    words: ClassVar = ("disk", "free")
    facts: ClassVar = Facts(
        role="server-team",
        where="Exchange shell",
        lead_ms=45 * MINUTE_MS,
        undo="no",
        exposes="nothing, but logs deleted by hand instead could not be replayed",
        product=InYourProduct(
            path="a full backup of the databases, which truncates the logs; Get-MailboxDatabase -Status",
            who="server administrator",
            how_long="10 minutes, then the duration of the backup",
            simplified="the backup always succeeds, and truncates all logs at its end",
        ),
    )

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        disk = drill.scenario.organisation.server.disk
        return disk.backup_ms if disk is not None else self.facts.lead_ms

    def lead_told_ms(self, drill: Drill, turn: Turn) -> int:
        return self.lead_ms(drill, turn)  # a backup always takes the same time

    def act(self, drill: Drill, turn: Turn) -> str:
        disk, _file, accepted = _disk(drill)
        truncated = disk.back_up(accepted)
        return f"backup complete; {size_in_words(truncated)} of logs truncated. {found(drill)}"


@frozen
class DiskMove(OwnDisk):
    """Move the mail server's queue and its logs to the spare volume."""

    words: ClassVar = ("disk", "move")
    facts: ClassVar = Facts(
        role="server-team",
        where="Exchange shell",
        undo="not possible, and not needed",
        product=InYourProduct(
            path="EdgeTransport.exe.config: QueueDatabasePath, QueueDatabaseLoggingPath; "
            "Move-TransportDatabase.ps1; restart of the transport service",
            who="server administrator",
            how_long="half an hour",
            simplified="the transport service keeps running during the move",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        disk, file, _accepted = _disk(drill)
        if not file.spare_gb:
            return "there is no spare volume; use `disk free` to truncate logs"
        if disk.moved:
            return "the queue is already on the spare volume"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        disk, file, accepted = _disk(drill)
        disk.move(file.spare_gb * GB * servers(drill.scenario.organisation), accepted)
        return f"queue and logs moved. {found(drill)}"
