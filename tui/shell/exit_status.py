"""Exit statuses of `mxdrill`."""

YES = 0
NO = 1
"""The answer is negative: a promise does not hold, lint has findings, or a digest differs."""
BAD_INPUT = 2
UNDECIDED = 3
FAULT = 70
"""An error in the program itself; a file has the details (EX_SOFTWARE in sysexits)."""
INTERRUPTED = 130
"""The command was interrupted, and everything is saved."""
