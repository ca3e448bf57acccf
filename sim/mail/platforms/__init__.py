"""Sending platforms (Postfix, Gmail, …): their files, mixes, and their response to an SMTP reply."""
