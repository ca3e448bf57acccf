"""A mistake that the user can fix: an exception whose text is all that they need to read."""


class Mistake(Exception):
    """One line (or one line per mistake) with the place, the mistake and the remedy. Never a traceback."""

    @property
    def lines(self) -> list[str]:
        """The text, one line after the other."""
        return str(self).splitlines()
