"""The organisation's mail server: what guards it, its submission queue,
back pressure, disk, mailbox limits.
"""
