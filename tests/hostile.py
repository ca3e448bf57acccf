"""Settings of properties that try hostile inputs: a few in `make test`, 100,000 in all by `make fuzz`."""

from hypothesis import HealthCheck, settings

from tests.examples import examples


def tries(few: int) -> settings:
    """`few` examples, or so many times more, whatever each of them costs."""
    return settings(
        examples(few),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        print_blob=True,
    )
