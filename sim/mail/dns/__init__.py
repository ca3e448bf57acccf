"""The time for which resolvers keep an answer: caches, TTLs, dead authorities, MTA-STS, publication of
changes.
"""
