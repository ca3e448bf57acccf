"""`mxdrill play any`: an outage drawn by the seed, whose id is neither typed nor shown."""

from sim.drill.session.load import shipped_scenarios
from sim.kernel.draws import mix_one

ANY = "any"


def outage_of(scenario: str, seed: int) -> str:
    """`scenario`; for `any`, the id of the shipped outage that belongs to `seed`."""
    drawn = _drawn()
    return drawn[seed % len(drawn)] if scenario == ANY else scenario


def seeds_of() -> dict[str, int]:
    """The lowest seed of each shipped outage; further seeds follow at intervals equal to the number of
    outages.
    """
    drawn = _drawn()
    return {name: number or len(drawn) for number, name in enumerate(drawn)}


def _drawn() -> list[str]:
    """All shipped outages, in an order that reveals nothing."""
    return sorted(shipped_scenarios(), key=lambda name: mix_one(0, f"any outage {name}", 0))
