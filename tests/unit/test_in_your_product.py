"""How a command is done in the products that people have: what is yours, and what is not."""

from sim.drill.commands.deliveries import DeliveriesLimit


def test_a_limit_before_a_hosted_gateway_is_set_at_exchanges_own_end() -> None:
    product = DeliveriesLimit.facts.product
    assert "Set-ReceiveConnector -MaxInboundConnectionPerSource" in product.path
    assert "at a hosted gateway, and at Exchange Online, none is published" in product.path
    assert product.who.startswith("Organization Management")
