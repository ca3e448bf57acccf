"""Commands of the gateway's console: alerts, continuity, permissions, queues, deliveries, tracking."""
