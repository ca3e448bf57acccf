"""Everything a person can do, one class each; the palette, completion, help and docs follow from them."""

from sim.drill.command import Command
from sim.drill.commands.attention import AlertsAck, StatusCheck
from sim.drill.commands.continuity import ContinuityEnd, ContinuityExtend, ContinuityShow, ContinuityStart
from sim.drill.commands.deliveries import DeliveriesPause, DeliveriesResume, QueueExtend, QueueRetry
from sim.drill.commands.words import Note, Notify

COMMANDS: tuple[type[Command], ...] = (
    AlertsAck,
    StatusCheck,
    ContinuityShow,
    ContinuityStart,
    ContinuityExtend,
    ContinuityEnd,
    DeliveriesPause,
    DeliveriesResume,
    QueueRetry,
    QueueExtend,
    Notify,
    Note,
)
