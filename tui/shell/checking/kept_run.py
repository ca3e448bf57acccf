"""One run of a plan's check, run again and saved as a drill."""

import argparse
from pathlib import Path

from tui.shell.arguments import LARGEST_STUDY_SEED, MOST_RUNS
from tui.shell.command_mistake import CommandMistake


def kept_run(args: argparse.Namespace, journal: Path | None = None) -> Path:
    """The journal of the run `--run PLAN#N`, as made by its check with `--seed` and `--set`.

    `journal`: where it is saved; None: a new file in the data folder. Raises CommandMistake.
    """
    from datetime import UTC, datetime

    from sim.drill.session.load import settings_from
    from sim.drill.session.load_plan import load_plan
    from sim.study.one_run import Study, played
    from tui.shell.drill_files import new_journal

    plan, mark, number = args.run.rpartition("#")
    if not (mark and plan and number.isascii() and number.isdigit() and number.strip("0")):
        raise CommandMistake(f"--run {args.run}: write the plan and a run's number, such as mine.yaml#17")
    if len(number) > len(str(MOST_RUNS)) or int(number) > MOST_RUNS:
        raise CommandMistake(f"--run {args.run}: a check has at most {MOST_RUNS:,} runs")
    if not 1 <= args.seed <= LARGEST_STUDY_SEED:
        raise CommandMistake(f"--seed {args.seed}: a check has a seed from 1 to {LARGEST_STUDY_SEED}")
    study = Study(load_plan(plan, settings_from(args.set)), args.seed)
    name = f"{study.loaded.plan.id}-run-{number}"
    path = journal or new_journal(name, datetime.now(UTC).astimezone())
    played(study, int(number), path)
    return path
