"""What becomes of mail that leaves by another path, and what mail meets that comes in by one."""

from itertools import product

import numpy as np
import pytest

from sim.mail.queue.receiver_condition import REFUSED, UP, Condition
from sim.mail.routes.authentication import (
    Fate,
    Path,
    Receivers,
    authentication_results,
    dmarc_verdict,
    fate_of,
)
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import LOCKED_REPLY, SOURCES, Gates

SHARES = Receivers(
    reject_dmarc=700,
    junk_dmarc=900,
    reject_spf=100,
    junk_spf=200,
    reject_names=400,
    junk_cold=150,
    reject_listed=600,
)
UNREADY = Path(spf="fail", signed=False, dmarc="reject")


def shares(path: Path) -> tuple[int, int]:
    fate = fate_of(path, SHARES)
    assert not fate.times_out
    return fate.rejected, fate.junked


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (Path(), (0, 0)),
        (Path(dmarc="reject"), (0, 0)),
        (Path(spf="fail", dmarc="reject"), (0, 0)),  # DKIM alone carries it
        (Path(signed=False, dmarc="reject"), (0, 0)),  # SPF alone carries it
        (UNREADY, (700, 300)),
        (Path(spf="softfail", signed=False, dmarc="reject"), (700, 300)),
        (Path(spf="fail", signed=False, dmarc="quarantine"), (0, 900)),
        (Path(spf="fail", signed=False, dmarc="none"), (100, 180)),
        (Path(spf="softfail", signed=False, dmarc="none"), (0, 200)),
        (Path(names=False), (400, 0)),
        (Path(address="listed"), (600, 0)),
        (Path(address="cold"), (0, 150)),
        (Path(names=False, address="listed"), (760, 0)),
        (Path(spf="fail", signed=False, dmarc="reject", names=False), (820, 180)),
        (Path(spf="fail", signed=False, dmarc="quarantine", address="cold"), (0, 915)),
    ],
)
def test_what_receivers_do_by_spf_dkim_dmarc_and_names(path: Path, expected: tuple[int, int]) -> None:
    assert shares(path) == expected


def test_a_closed_port_25_lets_nothing_out_whatever_else_is_right() -> None:
    for spf, signed in product(("pass", "fail"), (True, False)):
        fate = fate_of(Path(spf=spf, signed=signed, port_25=False), SHARES)  # type: ignore[arg-type]
        assert fate == Fate(True, 0, 0, ("outbound port 25 is closed",))
        assert fate.behaviour == Behaviour("timeout")


def test_dmarc_needs_one_of_spf_and_dkim() -> None:
    for spf, signed in product(("pass", "softfail", "fail"), (True, False)):
        verdict = dmarc_verdict(Path(spf=spf, signed=signed))  # type: ignore[arg-type]
        assert (verdict == "pass") == (spf == "pass" or signed)


def test_the_path_as_the_senders_own_queue_meets_it() -> None:
    assert fate_of(Path(), SHARES).behaviour == Behaviour()
    unready = fate_of(UNREADY, SHARES)
    assert unready.behaviour == Behaviour("reject", 700)
    assert unready.junked_of_taken == 1000, "all of the rest lies in junk"
    quarantined = fate_of(Path(spf="fail", signed=False, dmarc="none"), SHARES)
    assert (quarantined.rejected, quarantined.junked_of_taken) == (100, 200)


def test_shares_stay_shares_whatever_is_wrong() -> None:
    paths = product(
        ("pass", "softfail", "fail"),
        (True, False),
        ("none", "quarantine", "reject"),
        (True, False),
        ("known", "cold", "listed"),
    )
    for spf, signed, dmarc, names, address in paths:
        path = Path(spf, signed, dmarc, names=names, address=address)  # type: ignore[arg-type]
        fate = fate_of(path, SHARES)
        assert 0 <= fate.rejected <= 1000
        assert 0 <= fate.junked <= 1000 - fate.rejected
        assert 0 <= fate.junked_of_taken <= 1000
        assert bool(fate.because) == (fate.rejected + fate.junked > 0 or spf != "pass")


def test_everybody_may_refuse_everything() -> None:
    fate = fate_of(UNREADY, Receivers(reject_dmarc=1000))
    assert (fate.rejected, fate.junked, fate.junked_of_taken) == (1000, 0, 0)


def test_the_header_that_a_receiver_adds() -> None:
    assert authentication_results(UNREADY, "mx.google.com") == (
        "Authentication-Results: mx.google.com; dkim=none; spf=fail; dmarc=fail (p=reject)"
    )
    assert authentication_results(Path(spf="softfail", dmarc="quarantine"), "outlook.example") == (
        "Authentication-Results: outlook.example; dkim=pass; spf=softfail; dmarc=pass (p=quarantine)"
    )


# The way in


def test_a_lock_refuses_and_a_firewall_drops() -> None:
    locked = Gates(lock="rejects")
    for source in SOURCES:
        assert locked.meets(source, UP) == Condition("reject", reply=LOCKED_REPLY)
        assert locked.meets(source, REFUSED) == REFUSED, "a server that is down cannot refuse at RCPT"
        assert Gates().meets(source, REFUSED) == REFUSED
        assert Gates().meets(source, UP) == UP
    walled = Gates(lock="rejects", firewall=frozenset({"backup"}))
    assert walled.meets("internet", UP).answer == "timeout", "the firewall comes first"
    assert walled.meets("backup", UP).answer == "reject"


def test_whom_the_lock_trusts_gets_in_and_nobody_else() -> None:
    gates = Gates(lock="rejects", trusted=frozenset({"backup"}))
    assert [gates.lets_in(source) for source in SOURCES] == [True, False]
    assert gates.meets("backup", UP) == UP
    assert gates.meets("internet", UP).answer == "reject"


def test_who_looks_at_mail_that_comes_round_the_gateway() -> None:
    assert Gates().unfiltered("internet")
    assert not Gates().unfiltered("backup"), "the backup filters"
    assert Gates(backup_filters=False).unfiltered("backup")
    filtering = Gates(server_filters=True, backup_filters=False)
    assert not filtering.unfiltered("backup")
    assert not filtering.unfiltered("internet")
    skipping = Gates(server_filters=True, backup_filters=False, skips=True)
    assert skipping.unfiltered("backup")
    assert skipping.unfiltered("internet")


def test_what_lies_in_quarantine_is_no_risk_to_anybody() -> None:
    gates = Gates(lock="quarantines", trusted=frozenset({"backup"}), backup_filters=False)
    assert not gates.unfiltered("internet")
    assert gates.unfiltered("backup")


def test_what_is_put_aside() -> None:
    ids = np.arange(10_000, dtype=np.int64)
    aside = Gates(server_filters=True, junk_permille=150)
    assert 1_350 < np.sum(aside.aside(1, "backup", ids)) < 1_650
    assert np.sum(aside.aside(1, "internet", ids)) == 0
    skipping = Gates(server_filters=True, junk_permille=150, skips=True)
    assert np.sum(skipping.aside(1, "backup", ids)) == 0, "that is what the rule is for"
    behind = Gates(server_filters=True, junk_permille=150, looks_behind=True, backup_filters=False)
    assert np.sum(behind.aside(1, "backup", ids)) == 0, "it judges by who sent it to the backup"
    assert not behind.unfiltered("backup")
    quarantine = Gates(lock="quarantines", trusted=frozenset({"backup"}))
    assert np.sum(quarantine.aside(1, "internet", ids)) == len(ids)
    assert np.sum(quarantine.aside(1, "backup", ids)) == 0
