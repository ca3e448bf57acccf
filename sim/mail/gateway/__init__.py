"""The gateway and the backup MX: filtering, their queues, and the monitors that raise alerts."""
