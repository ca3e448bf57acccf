"""People outside the room: executives and partners who phone, pilot users, tickets, other reports."""
