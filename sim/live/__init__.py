"""The only place with sockets: real SMTP on loopback that behaves as in the drill (the lab)."""
