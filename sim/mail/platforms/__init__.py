"""Sending platforms (Postfix, Gmail, …): their files, mixes, and what they make of an SMTP reply."""
