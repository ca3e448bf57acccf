"""The only place with sockets: real SMTP on loopback that behaves as the world says (the lab)."""
