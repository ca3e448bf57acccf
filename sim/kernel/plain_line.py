"""Characters that are not plain text on one line."""

import re

NOT_PLAIN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, line separators, changes of direction, lone surrogates, and the two characters that no
XML file may contain.
"""
