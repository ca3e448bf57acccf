"""What `make bench` and its figure take hold of by name is there."""

from bench.where import STAGES


def test_every_stage_of_the_figure_of_costs_names_functions_that_exist() -> None:
    parts = [(owner, name) for parts in STAGES.values() for owner, name in parts]
    assert len(parts) > 10
    assert [
        f"{owner.__name__}.{name}" for owner, name in parts if not callable(getattr(owner, name, None))
    ] == []
