"""The only place with sockets: real SMTP and DNS on loopback that behave as the world says."""
