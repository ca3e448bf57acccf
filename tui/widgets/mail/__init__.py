"""Panes about mail: flow, queues, ages, custody, routes, DNS zone."""
