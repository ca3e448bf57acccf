"""The levels of back pressure of a mail server: their thresholds, and their effect on senders. Pure."""

from enum import IntEnum

from sim.kernel.frozen import frozen
from sim.mail.queue.receiver import Receiver
from sim.mail.server.disk import DiskRules


class Pressure(IntEnum):
    """The level of pressure, which the server determines from the length of its submission queue at each
    poll.
    """

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@frozen
class PressureRules:
    """Thresholds in messages, times in ms. `patience_polls`: number of polls at medium pressure before it
    refuses mail.

    `medium_to_low` is the lowest of the four thresholds, `medium_to_high` the highest.
    """

    poll_ms: int
    low_to_medium: int
    medium_to_high: int
    high_to_medium: int
    medium_to_low: int
    tarpit_first_ms: int
    tarpit_step_ms: int
    tarpit_most_ms: int
    patience_polls: int


@frozen
class BackPressureSpec:
    """The thresholds at which the mail server slows senders down, its processing speed, and the reply with
    which it refuses mail.
    """

    rules: PressureRules
    works: Receiver
    refusal: str
    disk: DiskRules | None = None


@frozen
class PressureEffect:
    """The server's effect on senders: the delay of each message at MAIL FROM, and whether it is refused (452
    4.3.1).

    `disk_full`: True if it is refused because of the disk.
    """

    tarpit_ms: int = 0
    refuses: bool = False
    disk_full: bool = False


@frozen
class Gauge:
    """The server's state after a poll. `polls`: number of polls since pressure was last low, including
    that poll.
    """

    pressure: Pressure = Pressure.LOW
    polls: int = 0

    def polled(self, rules: PressureRules, length: int) -> "Gauge":
        """The state after one more poll, which found `length` messages in the submission queue."""
        if self.pressure is Pressure.HIGH:
            now = Pressure.HIGH if length >= rules.high_to_medium else Pressure.MEDIUM
        else:
            now = Pressure.HIGH if length > rules.medium_to_high else self.pressure
        if now is Pressure.LOW and length > rules.low_to_medium:
            now = Pressure.MEDIUM
        if length < rules.medium_to_low:
            now = Pressure.LOW
        return Gauge(now, 0 if now is Pressure.LOW else self.polls + 1)

    def effect(self, rules: PressureRules, disk_full: bool) -> PressureEffect:
        """The effect on senders until the next poll."""
        if self.pressure is Pressure.LOW:
            return PressureEffect(0, disk_full, disk_full)
        steps_ms = (self.polls - 1) * rules.tarpit_step_ms
        tarpit_ms = min(rules.tarpit_first_ms + steps_ms, rules.tarpit_most_ms)
        refuses = self.pressure is Pressure.HIGH or self.polls > rules.patience_polls
        return PressureEffect(tarpit_ms, refuses or disk_full, disk_full)
