"""A mistake that the user can fix: an exception whose text is all that they need to read."""


class Mistake(Exception):
    """One line (or one line per mistake): the place, the mistake, the remedy. Never a traceback."""

    @property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return str(self).splitlines()
