"""Tools that know no mail: clock and event engine, keyed draws, durations, local time, YAML reading."""
