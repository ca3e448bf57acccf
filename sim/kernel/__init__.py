"""Tools that have nothing to do with mail: clock and event engine, keyed draws, durations, local time,
YAML reading.
"""
