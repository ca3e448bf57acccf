"""Tools that do not depend on mail: clock and event engine, keyed draws, durations, local time, YAML
reading.
"""
