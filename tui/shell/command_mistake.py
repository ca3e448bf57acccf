"""The one way to report a mistake on the command line: one line on standard error, exit status 2."""

from sim.kernel.user_mistake import Mistake


class CommandMistake(Mistake):
    """One line for standard error: the mistake; its correction."""
