"""House rules by which decisions are judged (in the organisation's file); no standard sets them."""

from typing import Annotated

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Percent, Quantiles
from sim.kernel.document import DurationMs


class DecisionRules(Block):
    """Rules for pausing, changing the MX and failback, applied to the facts known at the time of the
    decision.
    """

    pause_beyond_percent: Percent = 10
    """Pause deliveries, or extend the retention, if the probability that the oldest message reaches the
    gateway's limit before recovery is above this.
    """
    pause_from_ms: DurationMs = Field(default=252_000_000, alias="pause_from")
    """Age of the oldest message at which deliveries should be paused whatever the estimates say: just
    before three quarters of 96 h.
    """
    pause_by_percent: Percent = 75
    """A decision on pausing may be postponed until the oldest message has reached this share of the limit;
    75 % is 72 of 96 h.
    """
    review_late_by_ms: DurationMs = Field(default=1_800_000, alias="review_late_by")
    """How late a promised review of a decision may be."""
    mx_ttls: Annotated[int, Field(ge=0, le=100)] = 2
    """Change the MX if there is no estimate, or if recovery is expected later than this number times the old
    TTL, plus `mx_more`.
    """
    mx_more_ms: DurationMs = Field(default=7_200_000, alias="mx_more")
    """Time added to the TTLs of `mx_ttls`."""
    mx_after_ms: DurationMs = Field(default=14_400_000, alias="mx_after")
    """Change the MX, whatever the estimate, once this time has passed since the first sign."""
    outbound_more_ms: DurationMs = Field(default=7_200_000, alias="outbound_more")
    """Time to recovery within which outbound mail may also wait at the gateway; if recovery takes longer,
    only a bypass is right.
    """
    drained_below_ms: DurationMs = Field(default=900_000, alias="drained_below")
    """An event may end once recovery has been reported and every message in the gateway's queue is newer
    than this.
    """
    stable_ms: DurationMs = Field(default=3_600_000, alias="stable")
    """The MX may be changed back this long after recovery was reported, if a probe has been answered
    since.
    """
    overrun_percent: Quantiles = (50, 75, 90, 100, 110, 125, 150, 180, 220, 300, 500)
    """Actual duration of repairs as a percentage of the estimated duration, as equally spaced quantiles."""


PLAIN_RULES = DecisionRules(
    source=(
        "practice: pause if P(oldest > 96 h) > 10 %; change the MX if there is no estimate, if recovery is "
        "expected later than two TTLs plus two hours, or after four hours; outbound first, since it can be "
        "undone; how far estimates are overrun is unpublished"
    ),
    confidence="assumed",
)
"""Rules for organisations whose file does not give any."""
