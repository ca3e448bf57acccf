"""Panes about people: key figures, messages, staff, phone, helpdesk and incident room."""
