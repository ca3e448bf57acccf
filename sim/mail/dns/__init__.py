"""The lifetime of answers at resolvers: caches, TTLs, dead authorities, MTA-STS, publication of changes."""
