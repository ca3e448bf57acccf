"""People outside the incident room: executives and partners who phone, pilot users, tickets, reports."""
