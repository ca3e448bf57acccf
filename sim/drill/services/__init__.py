"""The services that fail and that people operate: gateway, mail server,
zone, sign-in, continuity, helpdesk.
"""
