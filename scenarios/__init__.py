"""Data that ships with the simulator: outages, organisations, platforms, resolvers, runbooks."""
