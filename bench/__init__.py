"""Benchmarks: measured by `make bench`, never part of the test run."""
