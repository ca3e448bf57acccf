"""People outside the incident room: callers, pilot users, tickets, reports, and staff who are called in."""
