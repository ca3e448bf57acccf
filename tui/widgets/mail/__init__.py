"""Panes about mail: flow, queue plot, ages, ledger, queued messages, routes, zone, gateway."""
