"""Tools independent of mail: clock and event engine, keyed draws, durations, local time, YAML reading."""
