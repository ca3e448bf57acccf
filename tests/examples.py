"""How many examples Hypothesis tries: few in `make test`, ten times as many in `make test-long`.

`make test` draws the same examples each time, so that the same tree gives the same answer; `make test-long`
and `make fuzz` draw others in each run, keep a failure in .hypothesis, and try it first from then on.

What was cut so that `make test` takes five minutes on two cores (decision 270 has the rest), each to about
half: examples of `tests/oracle/test_path.py`, of the senders' machines (`test_machines_*`), of policies, MX
views, grammar, worlds, sessions and any outage in `tests/properties`; seeds from five to two
(`tests/drills/played.py`); kills from twenty to four (`tests/live/test_killed.py`). `make test-long` has
more than all of that. Drills of which a test reads the first hours end there (`hours` in
`tests/drills/played.py`, `until` in `tests/plans.py`). Not cut: the other oracles. With 30 instead of 60
examples `test_back_pressure` missed a planted `>` for `>=` at a threshold, at a gain of two seconds.
"""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("MXDRILL_EXAMPLES", "1"))
KILLS = int(os.environ.get("MXDRILL_KILLS", "0"))
"""Kills of the lab, kills of the console, and a fifth of that hang-ups in `make kills`; 0: not asked for."""


def examples(few: int) -> settings:
    """Settings of a property: `few` examples, or a multiple of it; no limit of time, machines differ."""
    return settings(
        max_examples=few * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        suppress_health_check=[HealthCheck.too_slow],
    )
