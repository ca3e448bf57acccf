"""Commands of the zone: MX, TTL, MTA-STS, resolvers, and tests of port 25."""
