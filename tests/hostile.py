"""How many hostile inputs each property tries: few in `make test`, 100,000 in all by `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("MXDRILL_FUZZ", "1"))


def tries(few: int) -> settings:
    """Settings of a property: `few` examples, or so many times more."""
    return settings(
        max_examples=few * TIMES,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        deadline=None,
        print_blob=True,
    )
