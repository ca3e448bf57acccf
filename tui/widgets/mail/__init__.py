"""Panes about mail: its path, queues, ages, custody, routes and the zone."""
