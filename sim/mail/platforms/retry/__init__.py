"""Retry rules, one module for each kind: pure functions on integer milliseconds."""
