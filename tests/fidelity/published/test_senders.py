"""The rules against published tables, exactly, at the settings that each table names.

`senders.json`: the tables with their sources. Where a measured server differs from a table (Postfix's
scans, Exim's last attempt), the default settings follow the measurement and the ideal ones the table.
"""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.platforms.platform_file import PlatformSetting
from sim.mail.platforms.retry.aged_backoff import failures_until_dead
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.probes.retry import RetryProbe
from sim.mail.probes.retry_report import report_on
from tests.shipped import FILES

TABLES: dict[str, Any] = json.loads((Path(__file__).parent / "senders.json").read_text(encoding="utf-8"))
MIN, H = 60, 3600


def probe(platform: str, failure: AttemptFailure = AttemptFailure.REFUSED, **settings: str) -> RetryProbe:
    named = {name.replace("__", "."): value for name, value in settings.items()}
    return report_on(FILES, platform, named, failure).probe


def attempts(found: RetryProbe) -> list[float]:
    return [t / 1000 for t in found.attempts_ms]


def value(platform: str, name: str) -> int:
    found = load_platform(FILES, platform).values[name]
    assert isinstance(found, int)
    return found // 1000 if parameter(platform, name).type in ("duration", "timespan") else found


def parameter(platform: str, name: str) -> PlatformSetting:
    return load_platform(FILES, platform).file.parameters[name]


def test_mimecast_intervals_attempts_and_limits() -> None:
    table = TABLES["mimecast_delivery_queue"]
    rows = [row["cumulative_min"] * MIN for row in table["expanded_from_intervals"]]
    listed = [t / 1000 for t in offsets_ms(load_platform(FILES, "mimecast"), rows[-1] * 1000)]
    assert listed == rows
    found = probe("mimecast")
    assert len(found.attempts_ms) == table["last_attempt_not_after_96h"]
    assert found.bounce_ms == table["give_up"]["hours"] * H * 1000
    assert [t / 1000 for t in found.notices_ms] == [table["delay_warning"]["after_min"] * MIN]
    assert attempts(found).index(H) + 1 == table["delay_warning"]["after_attempts"]
    later = probe("mimecast", expiry="next-attempt")
    assert len(later.attempts_ms) == table["first_attempt_after_96h"]["attempt"]
    assert later.bounce_ms == table["first_attempt_after_96h"]["cumulative_min"] * MIN * 1000
    assert len(probe("mimecast", retry_limit="200h").attempts_ms) == table["give_up"]["attempts"]


def test_mimecast_outer_totals_of_the_published_rows() -> None:
    """The rows whose printed total agrees with the intervals; the edges 30 h and 38 h do not."""
    listed = [t / 60_000 for t in offsets_ms(load_platform(FILES, "mimecast"), 106 * H * 1000)]
    for row in TABLES["mimecast_delivery_queue"]["published_rows"]:
        first, last = row["attempts"]
        if first > 1:
            assert listed[first - 1] - listed[first - 2] == row["interval_min"]
        if row["total_min"] not in ([840, 1800], [2280, 6360]):
            assert [listed[first - 1], listed[last - 1]] == row["total_min"]
    assert (listed[15], listed[29]) == (840, 6360)


@pytest.mark.parametrize(("platform", "role"), [("exchange-server", "mailbox"), ("exchange-edge", "edge")])
def test_exchange_server(platform: str, role: str) -> None:
    table = TABLES["exchange_server_2016_2019"]
    found = probe(platform)
    assert [t / MIN for t in attempts(found)[:20]] == table[f"expanded_attempts_min_{role}_first_20"]
    assert len(found.attempts_ms) == table[f"expanded_attempts_count_{role}_2d"]
    assert found.bounce_ms == table["MessageExpirationTimeout_s"] * 1000
    assert found.notices_ms == (table["DelayNotificationTimeout_s"] * 1000,)
    assert value(platform, "QueueGlitchRetryCount") == table["QueueGlitchRetryCount"]
    assert value(platform, "QueueGlitchRetryInterval") == table["QueueGlitchRetryInterval_s"]
    assert value(platform, "TransientFailureRetryCount") == table["TransientFailureRetryCount"]
    assert value(platform, "TransientFailureRetryInterval") == table["TransientFailureRetryInterval_s"][role]
    steady = table["OutboundConnectionFailureRetryInterval_s"][role]
    assert value(platform, "OutboundConnectionFailureRetryInterval") == steady
    deferred = attempts(probe(platform, AttemptFailure.DEFER))
    assert deferred[1] - deferred[0] == table["MessageRetryInterval_s"]
    assert load_platform(FILES, platform).file.drain.connections == table["MaxPerDomainOutboundConnections"]


def test_exchange_online() -> None:
    table = TABLES["exchange_online"]
    first, most = table["retry_min_first"] * MIN, table["retry_min_max"] * MIN
    for schedule in ("middle", "sparse"):
        times = attempts(probe("exchange-online", schedule=schedule))
        assert times[1] == first
        assert max(b - a for a, b in itertools.pairwise(times)) == most
    assert probe("exchange-online").bounce_ms == table["message_expiration_h_current"] * H * 1000
    assert load_platform(FILES, "exchange-online").file.bounce_status["refused"].value == "5.4.316"
    assert any("5.4.316" in code for code in table["ndr_text_codes"])


def test_postfix_ideal() -> None:
    table = TABLES["postfix_default"]
    found = probe("postfix", queue_run_delay="0")
    assert attempts(found) == table["ideal_attempt_ages_s"]
    assert len(found.attempts_ms) == table["ideal_attempts"]
    assert found.bounce_ms == table["ideal_bounce_age_s"] * 1000


def test_postfix_settings() -> None:
    table = TABLES["postfix_default"]
    backoff = ("queue_run_delay", "minimal_backoff_time", "maximal_backoff_time")
    lives = ("maximal_queue_lifetime", "bounce_queue_lifetime", "delay_warning_time")
    for name in (*backoff, *lives, "smtp_connect_timeout", "smtp_helo_timeout"):
        assert value("postfix", name) == table[f"{name}_s"]
    initial = value("postfix", "initial_destination_concurrency")
    assert initial == table["initial_destination_concurrency"]
    limit = value("postfix", "default_destination_concurrency_limit")
    assert (
        limit
        == table["default_destination_concurrency_limit"]
        == load_platform(FILES, "postfix").file.drain.connections
    )
    cohorts = value("postfix", "default_destination_concurrency_failed_cohort_limit")
    assert cohorts == table["default_destination_concurrency_failed_cohort_limit"]
    assert failures_until_dead(initial, cohorts) == 4  # 1/5 + 1/4 + 1/3 < 1 <= … + 1/2


def test_postfix_before_2_4() -> None:
    table = TABLES["postfix_pre_2_4"]
    found = probe("postfix", queue_run_delay="0", minimal_backoff_time=f"{table['minimal_backoff_time_s']}")
    assert attempts(found)[:10] == table["ideal_first_10_s"]


def test_postfix_on_its_scans_has_a_plateau_of_whole_scans() -> None:
    """Measured, against the table: 4000 s become 4200 s."""
    times = attempts(probe("postfix"))
    assert {b - a for a, b in itertools.pairwise(times[6:])} == {4200}


def test_exim_expansion() -> None:
    table = TABLES["exim_default"]
    found = probe("exim", queue_interval="0", retry=table["rule"])
    assert attempts(found) == table["attempt_times_s_since_first_failure"]
    assert len(found.attempts_ms) == table["attempts"]
    assert found.bounce_ms == table["bounce_age_s"] * 1000
    assert load_platform(FILES, "exim").values["delay_warning"] == (table["delay_warning_s"] * 1000,)
    assert value("exim", "retry_interval_max") == table["retry_interval_max_s"]


def test_exim_in_queue_runs_makes_a_last_attempt_past_the_cutoff() -> None:
    """Measured, against the table: the first queue run after 4 d, not 101 h."""
    found = probe("exim")
    cutoff_ms = 96 * H * 1000
    assert found.bounce_ms is not None
    assert cutoff_ms < found.bounce_ms <= cutoff_ms + value("exim", "queue_interval") * 1000
    assert found.attempts_ms[-1] == found.bounce_ms


def test_exim_if_the_attempt_at_two_hours_is_late() -> None:
    """The variant in which the geometric gaps start at 2 h: an attempt a second late is past F,2h."""
    hours = TABLES["exim_default"]["variant_if_2h_attempt_is_late_h"]
    found = probe("exim", queue_interval="0", retry="F,7199s,15m; G,16h,1h,1.5; F,4d,6h")
    assert [t / H for t in attempts(found)] == hours


def test_sendmail() -> None:
    table = TABLES["sendmail_default"]
    assert value("sendmail", "Timeout.queuereturn") == table["Timeout.queuereturn_s"]
    assert value("sendmail", "Timeout.queuewarn") == table["Timeout.queuewarn_s"]
    assert value("sendmail", "MinQueueAge") == table["MinQueueAge_default"]
    found = probe("sendmail", queue_interval="1h")
    assert attempts(found) == [h * H for h in range(121)]
    assert found.bounce_ms == table["Timeout.queuereturn_s"] * 1000
    assert found.notices_ms == (table["Timeout.queuewarn_s"] * 1000,)


def test_qmail() -> None:
    table = TABLES["qmail_default"]
    found = probe("qmail")
    assert attempts(found) == table["attempt_times_s"]
    assert len(found.attempts_ms) == table["last_attempt_number"]
    assert found.bounce_ms == table["bounce_age_s"] * 1000
    assert found.notices_ms == ()
    assert value("qmail", "queuelifetime") == table["queuelifetime_s"]
    assert load_platform(FILES, "qmail").file.drain.connections == table["concurrencyremote"]


def test_opensmtpd() -> None:
    table = TABLES["opensmtpd_default"]
    found = probe("opensmtpd")
    assert attempts(found) == table["attempt_times_s"]
    assert found.bounce_ms == table["expires_at_s"] * 1000
    assert value("opensmtpd", "ttl") == table["ttl_s"]
    assert load_platform(FILES, "opensmtpd").values["warn-interval"] == tuple(
        s * 1000 for s in table["bounce_warn_s"]
    )
    assert load_platform(FILES, "opensmtpd").file.drain.connections == table["maxconn_per_route"]
    assert value("opensmtpd", "session_keepalive") == table["sessdelay_keepalive_s"]
    assert value("opensmtpd", "hoststat_expire") == table["hoststat_expire_delay_s"]
    assert load_platform(FILES, "opensmtpd").values["max-deferred"] == table["mta_max_deferred"]


def test_gmail() -> None:
    table = TABLES["gmail_sender"]
    for schedule in ("dense", "middle", "sparse"):
        found = probe("gmail", schedule=schedule)
        assert found.bounce_ms == table["give_up_s"] * 1000
        earliest, latest = table["delay_dsn_at_h"]
        assert earliest - 0.2 <= found.notices_ms[0] / 3_600_000 <= latest + 0.2
        assert len(found.notices_ms) == 1


def test_mailgun() -> None:
    table = TABLES["mailgun"]
    found = probe("mailgun")
    assert [t / MIN for t in attempts(found)] == [0, *table["cumulative_min"]]
    assert found.bounce_ms == table["give_up_h"] * H * 1000


def test_proofpoint_essentials() -> None:
    table = TABLES["proofpoint_essentials"]
    times, expected = attempts(probe("proofpoint-essentials")), [0]
    for phase in table["phases"]:
        end = expected[-1] + phase["for_min"]
        while expected[-1] + phase["every_min"] <= end:
            expected.append(expected[-1] + phase["every_min"])
    limit = table["give_up_days"] * 24 * 60
    assert [t / MIN for t in times] == [m for m in expected if m < limit]
    assert probe("proofpoint-essentials").bounce_ms == limit * MIN * 1000


def test_bounds_of_services_that_publish_little() -> None:
    ses = TABLES["amazon_ses"]
    assert probe("amazon-ses").bounce_ms == ses["max_delivery_s"] * 1000
    assert parameter("amazon-ses", "MaxDeliverySeconds").least == f"{ses['min_delivery_s']}s"
    assert probe("sendgrid").bounce_ms == TABLES["sendgrid"]["give_up_h"] * H * 1000
    assert probe("broadcom").bounce_ms == TABLES["broadcom_email_cloud"]["give_up_days"] * 24 * H * 1000
    assert value("broadcom", "connect_timeout") == TABLES["broadcom_email_cloud"]["connect_timeout_s"]
    assert value("broadcom", "greeting_timeout") == TABLES["broadcom_email_cloud"]["command_timeout_s"]
    proton = TABLES["protonmail_sender"]
    assert probe("protonmail").bounce_ms == proton["give_up_h"] * H * 1000
    assert parameter("protonmail", "delay_notice").value == f"{proton['delay_dsn_h']}h"


def test_rfc5321() -> None:
    table = TABLES["rfc5321_retry"]
    for schedule, hours, days in (("two-hours", 2, 5), ("three-hours", 3, 4)):
        times = attempts(probe("rfc5321", schedule=schedule))
        assert len([t for t in times if t < H]) == table["first_hour_attempts"]
        assert min(b - a for a, b in itertools.pairwise(times)) == table["min_retry_min"] * MIN
        assert {b - a for a, b in itertools.pairwise(times[2:])} == {hours * H}
        assert hours in table["then_every_h"]
        assert days in table["give_up_days"]
        assert days * 24 * H <= times[-1] < days * 24 * H + hours * H
    assert value("rfc5321", "greeting_timeout") == TABLES["rfc5321_timeouts_s"]["greeting"]


GIVE_UP = {
    "mailgun": ("mailgun", {}),
    "amazon_ses_max": ("amazon-ses", {}),
    "exchange_online": ("exchange-online", {}),
    "exchange_server": ("exchange-server", {}),
    "protonmail": ("protonmail", {}),
    "gmail": ("gmail", {}),
    "sendgrid": ("sendgrid", {}),
    "mimecast": ("mimecast", {}),
    "opensmtpd": ("opensmtpd", {}),
    "exim_default_ideal": ("exim", {"queue_interval": "0"}),
    "postfix_default_ideal": ("postfix", {"queue_run_delay": "0"}),
    "sendmail": ("sendmail", {}),
    "broadcom": ("broadcom", {}),
    "qmail": ("qmail", {}),
    "proofpoint_essentials": ("proofpoint-essentials", {}),
}


@pytest.mark.parametrize("name", [name for name in TABLES["sender_give_up_h"] if name != "note"])
def test_hours_until_a_message_bounces(name: str) -> None:
    platform, settings = GIVE_UP[name]
    bounce_ms = report_on(FILES, platform, settings, AttemptFailure.REFUSED).probe.bounce_ms
    assert bounce_ms is not None
    assert round(bounce_ms / 3_600_000, 2) == TABLES["sender_give_up_h"][name]
