"""Sending platforms (Postfix, Gmail, …): their files, their mixes, and how they respond to an SMTP reply."""
