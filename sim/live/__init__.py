"""The only code that opens sockets: real SMTP on loopback that behaves as in the drill (the lab)."""
