"""Addresses outside: each domain is one organisation's, and the same whoever asks."""

from hypothesis import given
from hypothesis import strategies as st

from sim.drill.instruments.mail_addresses import correspondent_of, domain_of


@given(st.integers(0, 1 << 40), st.lists(st.integers(0, 50_000), min_size=2, max_size=50, unique=True))
def test_no_two_organisations_share_a_domain_and_each_is_found_by_it(seed: int, numbers: list[int]) -> None:
    names = [domain_of(seed, number) for number in numbers]
    assert len(set(names)) == len(names)
    for number, name in zip(numbers, names, strict=True):
        assert correspondent_of(seed, name, number + 1) == number
        assert correspondent_of(seed, name, number) is None, "there are not so many"


def test_a_name_that_was_never_given_is_nobodys() -> None:
    assert correspondent_of(1, "example.test", 5_000) is None
    assert correspondent_of(1, "oak-works1.example", 5_000) is None
    assert correspondent_of(1, "oak-works0.example", 5_000) is None
    assert correspondent_of(1, "oak-works999999999999999.example", 5_000) is None
    assert correspondent_of(1, "oak-nothing.example", 5_000) is None
    assert correspondent_of(1, "oak-works.example", 5_000) is not None
    assert domain_of(1, 0) != domain_of(2, 0), "another drill, other partners"
