"""Panes about people: key figures, activity, staff, phone, helpdesk, incident room."""
