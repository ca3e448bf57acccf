"""Commands of the incident room: look, phone, tell, ask, decide, write down."""
