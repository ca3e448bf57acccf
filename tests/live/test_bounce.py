"""The bounce, read back by a reader that is not ours."""

import email
from datetime import datetime, timedelta, timezone
from email import policy
from email.utils import parsedate_to_datetime

import flufl.bounce
import pytest

from sim.live.bounce import HEADERS_RETURNED, FailedDelivery, bounce

ARRIVED = datetime(2026, 3, 27, 9, 0, tzinfo=timezone(timedelta(0)))
FAILURE = FailedDelivery(
    domain="contoso.test",
    reporting_mta="mx.contoso.test",
    remote_mta="mail.contoso.test",
    sender="ada@partner.example",
    recipients=("bob@contoso.test", "eve@contoso.test"),
    arrived=ARRIVED,
    gave_up=ARRIVED + timedelta(hours=96),
    last_attempt=ARRIVED + timedelta(hours=90),
    diagnostic="connect to mail.contoso.test:25: connection refused",
)
ORIGINAL = b"From: ada@partner.example\r\nSubject: Offer\r\n\r\nthe body\r\n"


def parts(raw: bytes):
    message = email.message_from_bytes(raw, policy=policy.default)
    assert not message.defects
    return message, list(message.iter_parts())


def test_an_independent_reader_finds_every_recipient_failed_for_good() -> None:
    message = email.message_from_bytes(bounce(FAILURE, ORIGINAL, "<1@mx.contoso.test>"))
    temporary, permanent = flufl.bounce.all_failures(message)
    assert permanent == {b"bob@contoso.test", b"eve@contoso.test"}
    assert not temporary


def test_structure_of_rfc_6522_and_fields_of_rfc_3464() -> None:
    message, (people, machines, headers) = parts(bounce(FAILURE, ORIGINAL, "<1@mx.contoso.test>"))
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["From"] == "Mail Delivery System <MAILER-DAEMON@contoso.test>"
    assert message["To"] == "ada@partner.example"
    assert message["Auto-Submitted"] == "auto-replied"
    assert parsedate_to_datetime(message["Date"]) == FAILURE.gave_up
    assert people.get_content_type() == "text/plain"
    assert "within 4 d" in people.get_content()
    assert machines.get_content_type() == "message/delivery-status"
    whole, *recipients = machines.get_payload()
    assert whole["Reporting-MTA"] == "dns; mx.contoso.test"
    assert parsedate_to_datetime(whole["Arrival-Date"]) == FAILURE.arrived
    assert [group["Final-Recipient"] for group in recipients] == [
        "rfc822; bob@contoso.test",
        "rfc822; eve@contoso.test",
    ]
    for group in recipients:
        assert (group["Action"], group["Status"]) == ("failed", "4.4.7")
        assert group["Remote-MTA"] == "dns; mail.contoso.test"
        assert group["Diagnostic-Code"] == "x-mxdrill; connect to mail.contoso.test:25: connection refused"
        assert parsedate_to_datetime(group["Last-Attempt-Date"]) == FAILURE.last_attempt
    assert headers.get_content_type() == "text/rfc822-headers"
    assert headers.get_payload() == "From: ada@partner.example\r\nSubject: Offer\r\n"


def test_reply_of_a_server_is_a_diagnostic_of_type_smtp() -> None:
    replied = FailedDelivery(
        **{name: getattr(FAILURE, name) for name in FAILURE.__slots__ if name != "diagnostic"},
        diagnostic="451 4.3.2 system not accepting messages",
    )
    _, (_, machines, _) = parts(bounce(replied, ORIGINAL, "<1@mx.contoso.test>"))
    assert machines.get_payload()[1]["Diagnostic-Code"] == "smtp; 451 4.3.2 system not accepting messages"


def test_null_sender_is_never_bounced() -> None:
    nobody = FailedDelivery(
        **{name: getattr(FAILURE, name) for name in FAILURE.__slots__ if name != "sender"}, sender=""
    )
    with pytest.raises(ValueError, match="null sender"):
        bounce(nobody, ORIGINAL, "<1@mx.contoso.test>")


@pytest.mark.parametrize(
    "original",
    [
        b"",
        b"\r\n\r\nonly a body\r\n",
        b"Subject: caf\xe9\r\n\r\nx",
        b"no header at all\r\n",
        b"Subject: x\r\nContent-Type: multipart/report; boundary=\x00\r\n\r\n--\x00--",
        b"X-Long: " + b"y" * 100_000 + b"\r\n\r\n",
        b"X: y\r\n" * 20_000 + b"\r\nbody",
        b"--=_mxdrill_\r\n\r\n",
    ],
)
def test_whatever_the_original_holds_the_bounce_can_be_read(original: bytes) -> None:
    raw = bounce(FAILURE, original, "<1@mx.contoso.test>")
    _, permanent = flufl.bounce.all_failures(email.message_from_bytes(raw))
    assert permanent == {b"bob@contoso.test", b"eve@contoso.test"}
    _, (_, _, headers) = parts(raw)
    assert headers.get_content_type() == "text/rfc822-headers"
    assert len(raw) < 2 * HEADERS_RETURNED + 4096
    assert raw == bounce(FAILURE, original, "<1@mx.contoso.test>"), "a bounce that is made again is the same"
