"""Services that fail, and that people operate: faults, alerts and SMS, sign-in, continuity, zone,
helpdesk.
"""
