"""Commands of the incident room: check status, phone, notify, approve, diagnose, decide, note."""
