"""Commands of mail server and bypasses: connector, lock, firewall, backup, disk, openings."""
