"""How long resolvers keep an answer: caches, TTLs, dead authorities, MTA-STS, publishing a change."""
