"""The organisation's users: who can read and send, who calls the helpdesk, and mail in Outboxes."""
