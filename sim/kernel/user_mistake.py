"""What a person can mend: an exception whose text is all that they need to read."""


class Mistake(Exception):
    """One line (or one a mistake): where, what is wrong, what would be right. Never a traceback."""

    @property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return str(self).splitlines()
