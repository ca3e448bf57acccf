"""Panes about people: key figures, messages, staff, phone, helpdesk, incident room."""
