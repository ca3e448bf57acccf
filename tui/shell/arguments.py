"""Arguments that several commands share: `--seed`, `--set`, durations."""

import argparse
import re

from tui.shell.command_mistake import CommandMistake

_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
LARGEST_SEED = (1 << 63) - 1
LARGEST_STUDY_SEED = 1_000_000_000
MOST_RUNS = 100_000
"""Maximum number of runs of one check."""


def add_seed_and_settings(parser: argparse.ArgumentParser) -> None:
    """Declare `--seed N` and `--set name=value`."""
    parser.add_argument("--seed", type=seed, default=1, metavar="N", help="seed of the draws (default: 1)")
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare `--set name=value`."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of the scenario: --set outage=72h",
    )


def seed(text: str) -> int:
    """A seed from the command line. Raises ValueError, which argparse reports."""
    number = int(text)
    if not 0 <= number <= LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is out of range; write 0 to {LARGEST_SEED}")
    return number


def study_seed(text: str) -> int:
    """The seed of a study, from which the seeds of its runs follow. Raises ValueError, which argparse
    reports.
    """
    number = int(text)
    if not 1 <= number <= LARGEST_STUDY_SEED:
        raise argparse.ArgumentTypeError(f"{text} is out of range; write 1 to {LARGEST_STUDY_SEED}")
    return number


def span_ms(option: str, text: str) -> int:
    """The milliseconds of a duration above zero. Raises CommandMistake."""
    from sim.kernel.duration import parse_duration

    try:
        value_ms = parse_duration(text)
    except ValueError as error:
        raise CommandMistake(f"{option}: {error}") from None
    if value_ms <= 0:
        raise CommandMistake(f"{option} {text}: must be above zero, such as 48h")
    return value_ms


def moment_ms(option: str, text: str) -> int:
    """A moment as ms since the drill's start: as shown (`T+26:14`) or as typed (`26h14m`).

    Raises CommandMistake.
    """
    from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS, parse_duration

    bare = text.strip().removeprefix("T+")
    if clock := _CLOCK.fullmatch(bare):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS
    try:
        return parse_duration(bare)
    except ValueError:
        raise CommandMistake(f"{option} {text}: not a moment; write T+26:14 or 26h14m") from None
