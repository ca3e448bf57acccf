"""Assumed times of an organisation at their P90."""

from sim.drill.organisation.assumed_delays import assumed_delays, with_delays_at_p90
from sim.drill.session.load import load_scenario

HARBOUR = load_scenario("exchange-down").organisation


def test_only_times_that_the_file_calls_assumed_are_among_them() -> None:
    assert assumed_delays(HARBOUR) == (
        "staff.on_call_minutes",
        "approvals.answer_minutes",
        "estimates.after_minutes",
        "gateway.alerting.sms_delay",
        "gateway.sms_service.sync_minutes",
        "gateway.retention_case.takes",
    )
    alerting = HARBOUR.gateway.alerting.model_copy(update={"assumed": ()})
    gateway = HARBOUR.gateway.model_copy(update={"alerting": alerting})
    told = HARBOUR.model_copy(update={"gateway": gateway, "sms_service": None})
    assert "gateway.alerting.sms_delay" not in assumed_delays(told)
    assert with_delays_at_p90(told).gateway.alerting.sms_delay == HARBOUR.gateway.alerting.sms_delay


def test_each_is_as_long_as_one_in_ten_exceeds() -> None:
    late = with_delays_at_p90(HARBOUR)
    assert HARBOUR.approvals is not None
    assert late.approvals is not None
    assert HARBOUR.approvals.answer_minutes == (5, 8, 10, 12, 15, 18, 20, 25, 30, 45, 60)
    assert late.approvals.answer_minutes == (45, 45)
    assert late.staff[0].on_call_minutes == (36, 36), "between 30 and 45"
    assert late.gateway.alerting.sms_delay.least_ms == late.gateway.alerting.sms_delay.most_ms == 109_000
    assert late.calls == HARBOUR.calls
