"""Name servers on loopback: the organisation's authority, and resolvers with their cached answers."""
