"""Places of an organisation: plans may use and replace them."""

from pathlib import Path

import pytest

from sim.drill.organisation.places_file import Place, own_places, with_others
from sim.drill.plan.circular import circles
from sim.kernel.document import BadFile
from tests.plans import loaded

STEPS = """\
people: [{ role: dns }]
steps:
  - { id: a, owner: dns, takes: 5m, needs: [dns-provider], manual: Change the zone }
assumptions: [{ id: p, to: a.done, within: 1h }]
"""


def test_a_plan_uses_the_places_of_the_organisation(tmp_path: Path) -> None:
    found = loaded(tmp_path, STEPS, scenario="gateway-down")
    assert "dns-provider" in [place.id for place in found.plan.places]
    assert circles(found.plan, found.scenario) == ()


def test_a_place_of_the_plan_replaces_that_of_the_organisation(tmp_path: Path) -> None:
    by_mail = "places: [{ id: dns-provider, second_factor: email }]\n"
    found = loaded(tmp_path, by_mail + STEPS, scenario="gateway-down")
    (circle,) = circles(found.plan, found.scenario)
    assert circle.because == "its second factor comes by email"


def test_an_unknown_place_is_named_with_its_position_and_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"tried.yaml:8:37: a: there is no place 'dns-provder'; did you mean"):
        loaded(tmp_path, STEPS.replace("[dns-provider]", "[dns-provder]"), scenario="gateway-down")


def test_an_id_names_one_place() -> None:
    vault = Place(id="vault")
    assert with_others([vault], [Place(id="vault", network="vpn")]) == (Place(id="vault", network="vpn"),)
    with pytest.raises(ValueError, match="'vault' twice"):
        own_places((vault, vault))
