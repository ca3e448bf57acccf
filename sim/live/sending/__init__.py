"""Sends the effects of a drill over real SMTP: relays, bounces and delay notices."""
