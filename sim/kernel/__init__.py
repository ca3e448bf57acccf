"""Tools that do not depend on mail: clock, event engine, keyed draws, durations, local time, YAML files."""
