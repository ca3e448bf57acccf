"""The differences from a reference are those that make it, and the few that matter are found among them."""

from collections.abc import Sequence

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.splices import Edit, edits, narrowed, spliced, stretches

GIVEN = ((HOUR_MS, "alerts ack"), (2 * HOUR_MS, "queue retry inbound"), (3 * HOUR_MS, "note done"))
REFERENCE = (
    (HOUR_MS + 5 * MINUTE_MS, "alerts ack"),
    (2 * HOUR_MS, "mta-sts id"),
    (2 * HOUR_MS, "deliveries limit inbound 30"),
    (2 * HOUR_MS, "mta-sts id"),
    (9 * HOUR_MS, "deliveries limit inbound none"),
)


def test_all_edits_make_the_reference_and_none_makes_the_drill() -> None:
    found = edits(GIVEN, REFERENCE)
    assert [(one.text, one.adds) for one in found] == [
        ("queue retry inbound", False),
        ("mta-sts id", True),
        ("deliveries limit inbound 30", True),
        ("mta-sts id", True),
        ("note done", False),
        ("deliveries limit inbound none", True),
    ], "5 min are no difference, and commands of one moment keep their order"
    assert spliced(GIVEN, found) == (GIVEN[0], *REFERENCE[1:])
    assert spliced(GIVEN, ()) == GIVEN
    assert edits(GIVEN, GIVEN) == ()
    assert [len(part) for part in stretches(found)] == [4, 1, 1]


def test_the_edits_that_matter_are_kept_and_those_that_only_look_stay_with_them() -> None:
    found = (
        Edit(1, "queue retry inbound", adds=False),
        Edit(2, "disk show", adds=True),
        Edit(3, "deliveries pause inbound", adds=True),
        Edit(4, "notify users via=sms", adds=True),
        Edit(9 * HOUR_MS, "notify users via=intranet", adds=True),
        Edit(9 * HOUR_MS, "lock close", adds=True),
    )

    def gain_of(sets: Sequence[tuple[Edit, ...]]) -> list[float]:
        return [float({found[0], found[2]} <= set(made)) + 0.05 * (found[5] in made) for made in sets]

    few = narrowed(found, 1.05, gain_of)
    assert few == (found[0], found[1], found[2])
    assert narrowed(found, 1.0, lambda sets: [0.0 for _ in sets]) == found, "if all matter, all stay"

    def either(sets: Sequence[tuple[Edit, ...]]) -> list[float]:
        return [float(found[0] in made and (found[2] in made or found[3] in made)) for made in sets]

    few = narrowed(found, 1.0, either)
    assert found[0] in few
    assert (found[2] in few) != (found[3] in few), "of two, each of which is enough, one stays"


def test_commands_of_a_moment_that_differs_come_in_the_order_of_the_reference() -> None:
    given = ((5, "mta-sts policy gateway"), (5, "mta-sts id"), (5, "mx set gateway"))
    reference = ((5, "mta-sts policy gateway+backup"), (5, "mta-sts id"), (5, "mx set gateway"))
    assert spliced(given, edits(given, reference)) == reference
    far = ((5 + HOUR_MS, what) for _, what in reference)
    assert spliced(given, edits(given, moved := tuple(far))) == moved
