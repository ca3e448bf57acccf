"""The optional parts of a check, for a reader at a terminal."""

from collections.abc import Iterator, Sequence

from sim.kernel.quantities import counted
from sim.study.assumed_ends import OtherValue
from sim.study.check import Check
from sim.study.documents.promise_words import share, too_few_runs
from sim.study.paired import Paired
from sim.study.readiness import PreparationWorth
from sim.study.weather import DAYS, Weather


def compared_text(name: str, pair: Paired) -> str:
    """A comparison on the same seeds, in one line."""
    early = f"; {pair.unknown} ended too early to tell" if pair.unknown else ""
    return (
        f"{name}: {share(pair.before)} → {share(pair.after)}, {pair.difference * 100:+.0f} points"
        f" ({pair.low * 100:+.0f} to {pair.high * 100:+.0f}); better in {pair.better} of {pair.runs} runs,"
        f" worse in {pair.worse}, p = {pair.p:.2g}{early}"
    )


def weather_text(weather: Weather) -> Iterator[str]:
    """A row for each day and a column for each hour: the percentage of runs in which all promises hold."""
    runs = counted(weather.runs, "run")
    yield f"Percentage of {runs} in which all promises hold, by the local hour of the onset"
    yield "     " + "".join(f"{hour:>4}" for hour in range(24))
    for day, row in zip(DAYS, weather.shares, strict=True):
        yield f"{day}  " + "".join("   ." if one is None else f"{one * 100:>4.0f}" for one in row)


def others_text(others: Sequence[OtherValue]) -> Iterator[str]:
    """A line for each value that changes how often a promise is kept, and the number of values that do
    not.
    """
    still = 0
    for one in others:
        moved = [(name, pair) for name, pair in one.pairs if pair.moved]
        still += not moved
        for name, pair in moved:
            yield f"  {one.name}: {compared_text(name, pair)}"
    if still:
        yield f"  {still} of {len(others)} other values do not change the result of any promise in these runs"


def cells_text(cells: Sequence[tuple[dict[str, str], Check]]) -> Iterator[str]:
    """A line for each combination of readiness."""
    for settings, cell in cells:
        told = ", ".join(f"{name}={value}" for name, value in settings.items())
        found = "; ".join(f"{one.promise.id} {share(one.last.probability)}" for one in cell.promises)
        yield f"  {told}: {cell.verdict} ({found})"


def readiness_text(found: Sequence[PreparationWorth]) -> Iterator[str]:
    """The value of each preparation for each promise, and the sets of preparations that are enough."""
    for one in found:
        worth = sorted(one.worth.items(), key=lambda item: -item[1])
        told = ", ".join(f"{name} {value * 100:+.0f} points" for name, value in worth)
        nothing, everything = one.probabilities[frozenset()], one.probabilities[frozenset(one.worth)]
        yield f"  {one.promise}: {share(nothing)} → {share(everything)} with all of them; {told}"
        if one.enough and one.enough[0]:
            yield f"    holds with {' and '.join(one.enough[0])}"
        elif one.enough:
            yield "    holds without any"
        elif too_few := too_few_runs(one.runs, one.fewest_runs):
            yield f"    {too_few}"
        else:
            yield f"    {one.runs} runs do not show that any set of them is enough"
