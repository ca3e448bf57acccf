"""The incident room: staff, diagnosis, approvals, updates and promises, phone calls, openings."""
