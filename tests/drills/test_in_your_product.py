"""How a command is done in the products that people have: what is yours, and what is not."""

import pytest

from sim.drill.commands.dns.probe_mx import ArrivalsShow
from sim.drill.commands.gateway.deliveries import DeliveriesLimit
from sim.drill.commands.gateway.track import Track
from sim.drill.commands.server.openings import OpeningsProve
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.openings_register import KINDS
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS


def test_a_limit_before_a_hosted_gateway_is_set_at_exchanges_own_end() -> None:
    product = DeliveriesLimit.facts.product
    assert "Set-ReceiveConnector -MaxInboundConnectionPerSource" in product.path
    assert "hosted gateways and Exchange Online do not offer such a setting" in product.path
    assert product.who.startswith("Organization Management")


@pytest.mark.parametrize("kind", [Track, ArrivalsShow])
def test_mail_is_looked_up_in_microsoft_365_as_well(kind: type[Track | ArrivalsShow]) -> None:
    path = kind.facts.product.path
    assert "Microsoft 365: Exchange admin center | Mail flow | Message trace, or Get-MessageTraceV2" in path
    assert "Mimecast: Message Center | Message Tracking" in path
    assert "Exchange Server: Get-MessageTrackingLog" in path


def test_every_kind_of_opening_has_its_own_proof() -> None:
    proofs = [part.partition(":")[0] for part in OpeningsProve.facts.product.path.split("; ")]
    assert [kind for proof in proofs for kind in proof.split(", ")] == list(KINDS)


@pytest.mark.parametrize(
    "given",
    ["firewall open everybody", "firewall close", "approve exposure opening=firewall emergency=yes"],
)
@pytest.mark.parametrize(("outage", "yours"), [("gateway-down-m365", False), ("gateway-down", True)])
def test_no_firewall_before_exchange_online_is_yours(given: str, outage: str, yours: bool) -> None:
    scenario = load_scenario(outage, {"users": "40"})
    session = Session(scenario, 3, None)
    session.advance(scenario.outage_start_ms + MINUTE_MS)
    session.dispatch(given)
    session.advance(session.drill.now_ms + 20 * MINUTE_MS)
    told = [event.text for event in session.events()]
    line = "the mail server is not behind your firewall; use the lock to keep mail out"
    assert any(line in text for text in told) is not yours
    assert (session.snapshot().protection.lock.firewall is not None) is yours


def test_a_file_with_a_firewall_before_exchange_online_is_a_mistake() -> None:
    one = load_scenario("gateway-down-m365", {}).organisation
    guard = one.guard.model_copy(update={"firewall_lets_in": ("backup",)})
    with pytest.raises(ValueError, match="exchange-online cannot be protected by your own firewall; leave"):
        Organisation.model_validate(dict(one) | {"guard": guard})
