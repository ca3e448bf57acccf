"""`mxdrill table pack`: write everything that an exercise needs on paper."""

import argparse
from pathlib import Path

from tui.commands.tables.timed import add_plays, timed
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

LONGEST_STOP_WORD = 40


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario or path of a file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="folder to create")
    parser.add_argument(
        "--stop-word", metavar="WORDS", help="what players say in a real emergency (default: REAL EMERGENCY)"
    )
    add_plays(parser)


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.session.load import load_scenario, settings_from
    from sim.table.pack.consequences import branches, consequences
    from sim.table.pack.folder import pack_files
    from sim.table.pack.pack_facts import facts_of
    from tui.shell.checking.run_progress import RunProgress
    from tui.shell.output_files import write_all

    stop_word = stop_word_of(args)
    if args.output.is_file():
        raise CommandMistake(f"-o {args.output}: is a file; name a folder")
    scenario = load_scenario(args.scenario, settings_from(args.set))
    times = timed(args, scenario)
    progress = RunProgress()
    progress.expect(branches(scenario))
    try:
        found = consequences(scenario, args.seed, progress.told)
    finally:
        progress.clear()
    files = pack_files(facts_of(scenario, times, found, stop_word))
    write_all(args.output, files, "-o ")
    print(f"{args.output}: {len(files)} files; print the pages, keep `facilitator` away from players")
    return exit_status.YES


def stop_word_of(args: argparse.Namespace) -> str:
    """The words that stop the exercise in a real emergency. Raises CommandMistake."""
    from sim.table.pack.questions import STOP_WORD

    stop_word = (args.stop_word or STOP_WORD).strip()
    if not 0 < len(stop_word) <= LONGEST_STOP_WORD:
        raise CommandMistake(f"--stop-word: give 1 to {LONGEST_STOP_WORD} characters")
    return stop_word
