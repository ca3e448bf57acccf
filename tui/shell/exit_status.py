"""Exit statuses of `mxdrill`."""

YES = 0
NO = 1
"""The answer is no: an assumption fails, lint has findings, or a digest differs."""
BAD_INPUT = 2
UNDECIDED = 3
FAULT = 70
"""An error of the program itself; a file has the details (EX_SOFTWARE of sysexits)."""
INTERRUPTED = 130
"""Interrupted with everything saved."""
