"""Commands for the mail server and for bypasses: connector, lock, firewall, backup, disk, openings."""
