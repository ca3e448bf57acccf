"""The organisation's users: who can read and send, who calls, what stands in Outboxes."""
