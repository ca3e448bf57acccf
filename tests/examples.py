"""How many examples Hypothesis tries: few in `make test`, ten times as many in `make test-long`.

Each run draws other examples, so that what one run misses another one finds; a failure is kept in
.hypothesis and tried first from then on. A number at a test is what finds a planted mistake of its rule
reliably, at a cost of a second or two.
"""

import os

from hypothesis import settings

TIMES = int(os.environ.get("MXDRILL_EXAMPLES", "1"))


def examples(few: int) -> settings:
    """Settings of a property: `few` examples, or so many times more; no deadline, machines differ."""
    return settings(max_examples=few * TIMES, deadline=None)
