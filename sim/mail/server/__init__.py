"""The mail server: its lock and firewall, submission queue, back pressure, disk, mailbox limits."""
