"""The kinds of failed attempt that a sender can distinguish."""

from enum import StrEnum


class AttemptFailure(StrEnum):
    """The result of one delivery attempt at one host."""

    REFUSED = "refused"
    """The connection was refused (RST). The sender knows at once."""
    TIMEOUT = "timeout"
    """Packets are dropped. The sender knows after its connection time-out."""
    SILENT = "silent"
    """TCP connects, but no greeting comes. The sender knows after its greeting time-out."""
    GREETING_4XX = "greeting_4xx"
    """The host sends 421 instead of a greeting."""
    GREETING_5XX = "greeting_5xx"
    """The host sends 554 instead of a greeting."""
    DEFER = "defer"
    """4xx at MAIL, RCPT or DATA: the host works, but this message has to wait."""
    REJECT = "reject"
    """5xx at MAIL, RCPT or DATA: this message is rejected permanently (RFC 5321 §4.2.1)."""

    @property
    def of_host(self) -> bool:
        """True if the host as a whole failed, not just one message: senders that keep host records then
        record it for the host.
        """
        return self in _OF_HOST

    @property
    def before_greeting(self) -> bool:
        """True if no host sent a greeting."""
        return self.of_host and self is not AttemptFailure.GREETING_4XX


_OF_HOST = frozenset(
    {AttemptFailure.REFUSED, AttemptFailure.TIMEOUT, AttemptFailure.SILENT, AttemptFailure.GREETING_4XX}
)
