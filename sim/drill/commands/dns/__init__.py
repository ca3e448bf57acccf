"""Commands of the zone: MX, TTL, MTA-STS, flushing resolvers, and tests of port 25."""
