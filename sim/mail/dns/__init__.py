"""How long resolvers keep answers: caches, TTLs, dead authorities, MTA-STS, publication of changes."""
