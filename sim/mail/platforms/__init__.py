"""Sending platforms (Postfix, Gmail, …): their files, their mixes, and their response to an SMTP reply."""
