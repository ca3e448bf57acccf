"""Services that fail and that people operate: faults, alerts, SMS, sign-in, continuity, zone, helpdesk."""
