"""Commands for DNS: MX, TTL, MTA-STS, flushing resolvers, and tests of port 25."""
