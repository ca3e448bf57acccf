"""Shared parts of `mxdrill check`: progress of its runs, optional parts, and its output."""
