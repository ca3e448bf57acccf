"""Who writes again what does not arrive (in the organisation's file), and what the wire adds to it."""

from typing import Annotated

from pydantic import Field

from sim.drill.blocks import Block, Percent, Quantiles
from sim.drill.paths_file import Permille
from sim.kernel.document import DurationMs


class Resending(Block):
    """Messages that are sent once more while the first one still waits: both arrive."""

    outbox_permille: Permille = 0
    """Of what stands in an Outbox, or in the mail server's outbound queue, when its writer gets into a
    continuity app: written again there."""
    outbox_told_permille: Permille = 0
    """The same of writers who were told not to send again (`notify users … advise=do-not-resend`)."""
    after_minutes: Quantiles = (0, 0)
    """From getting into the app to writing again."""
    notice_permille: Permille = 0
    """Of what a delay notice comes for, inside or outside: written again."""
    notice_told_permille: Permille = 0
    """The same of writers who were told."""
    partners_percent: Percent = 0
    """Share of the mail from outside whose writers a word to partners reaches."""
    after_dot_ms: Annotated[DurationMs, Field(ge=0, le=600_000)] = Field(default=0, alias="after_dot")
    """From the end of a message to the answer to it: whoever is gone by then has it, and gets it again."""


PLAIN_RESENDING = Resending(source="nothing said of it: nobody sends again", confidence="assumed")
