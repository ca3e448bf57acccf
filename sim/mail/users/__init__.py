"""The organisation's users: their access to mail, their calls to the helpdesk, and mail in Outboxes."""
