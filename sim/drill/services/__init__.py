"""Services that fail and are operated: faults, alerts and SMS, sign-in, continuity, zone, helpdesk."""
