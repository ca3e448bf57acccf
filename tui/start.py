"""The start of the program `mxdrill`: while its modules load, Ctrl-C ends it without a traceback."""

import signal


def main() -> int:
    """Load and run the command; returns its exit status."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # in the background of a script, Ctrl-C is ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tui import cli

    signal.signal(signal.SIGINT, before)
    return cli.main()
