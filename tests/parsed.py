"""YAML that was parsed once: most of a test's time went into reading the same few shipped files again.

Parsing an outage with its organisation takes 0.18 s of processor time, thousands of times in a whole run;
copying what was parsed takes 0.001 s. What is kept is the parser's answer for one text, nothing that mxdrill
makes of it: every file is read from its disk, checked, and put together as in production.
"""

import pickle
from functools import lru_cache
from typing import Any

from sim.kernel import document

DISTINCT_TEXTS = 400
_new_parser = document.new_parser


@lru_cache(DISTINCT_TEXTS)
def _pickled(text: str) -> bytes | None:
    """The tree of `text`; None if it is nested so deeply that it can be parsed but not copied."""
    tree = _parse(text)
    try:
        return pickle.dumps(tree)
    except RecursionError:
        return None


def _parse(text: str) -> Any:
    return _new_parser().load(text)


class ParsedOnce:
    """In place of the parser of `sim.kernel.document`: a fresh tree each time, with the same positions."""

    def load(self, text: str) -> Any:
        """The tree of `text`. A text that cannot be parsed raises each time, as the parser does."""
        known = _pickled(text)
        return _parse(text) if known is None else pickle.loads(known)


def remember() -> None:
    """From now on each text is parsed once in this process."""
    document.new_parser = ParsedOnce
