"""Exit statuses of `mxdrill`."""

YES = 0
NO = 1
"""The answer is no: an assumption does not hold, lint has findings, a digest differs."""
BAD_INPUT = 2
UNDECIDED = 3
FAULT = 70
"""The program itself is at fault; a file has the details (sysexits' EX_SOFTWARE)."""
INTERRUPTED = 130
"""Interrupted with everything saved."""
