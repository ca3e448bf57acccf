"""The facilitator: the station of typed lines, and its screen with truth, seats, script and events."""
