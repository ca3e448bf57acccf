"""One run of a plan's check, run again: saved as a drill, or only for as long as its debrief takes."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell.arguments import LARGEST_STUDY_SEED, MOST_RUNS
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.study.one_run import Study


def kept_run(args: argparse.Namespace, journal: Path | None = None) -> Path:
    """The journal of the run `--run PLAN#N`, as made by its check with `--seed` and `--set`.

    `journal`: where it is saved; None: a new file in the data folder. Raises CommandMistake.
    """
    from datetime import UTC, datetime

    from sim.study.one_run import played
    from tui.shell.drill_files import new_journal

    study, number = _asked_for(args)
    path = journal or new_journal(_name(study, number), datetime.now(UTC).astimezone())
    played(study, number, path)
    return path


@contextmanager
def unsaved_run(args: argparse.Namespace) -> Iterator[Path]:
    """Like `kept_run`, with a journal that is deleted at the end."""
    from tempfile import TemporaryDirectory

    from sim.study.one_run import played

    study, number = _asked_for(args)
    with TemporaryDirectory(prefix="mxdrill-") as folder:
        path = Path(folder) / f"{_name(study, number)}.jsonl"
        played(study, number, path)
        yield path


def run_saved_once(args: argparse.Namespace) -> Path:
    """Like `kept_run`, but a run that has been saved in this way before is used again, unless the drill has
    been continued since.
    """
    from hashlib import sha256

    from sim.drill.session.journal_reading import MODEL, BadJournal
    from sim.drill.session.session import Session
    from sim.study.one_run import played, run_of
    from tui.shell.drill_files import drills_folder, usable_name
    from tui.shell.standard_streams import tell

    study, number = _asked_for(args)
    digest = run_of(study, number).digest
    key = sha256(f"{MODEL} {digest}".encode()).hexdigest()[:8]
    path = drills_folder() / f"{_name(study, number)}-{key}.jsonl"
    if not path.exists():
        played(study, number, path)
        tell(f"mxdrill: note: run {number} is saved as {usable_name(path)}, because its files refer to it")
        return path
    try:
        return path if Session.replay(path).digest() == digest else kept_run(args)
    except BadJournal:
        return kept_run(args)


def _name(study: "Study", number: int) -> str:
    return f"{study.loaded.plan.id}-run-{number}"


def _asked_for(args: argparse.Namespace) -> "tuple[Study, int]":
    """The check and the number of the run. Raises CommandMistake."""
    from sim.drill.session.load import settings_from
    from sim.drill.session.load_plan import load_plan
    from sim.study.one_run import Study

    plan, mark, number = args.run.rpartition("#")
    if not (mark and plan and number.isascii() and number.isdigit() and number.strip("0")):
        raise CommandMistake(f"--run {args.run}: write the plan and a run's number, such as mine.yaml#17")
    if len(number) > len(str(MOST_RUNS)) or int(number) > MOST_RUNS:
        raise CommandMistake(f"--run {args.run}: a check has at most {MOST_RUNS:,} runs")
    if not 1 <= args.seed <= LARGEST_STUDY_SEED:
        raise CommandMistake(f"--seed {args.seed}: a check has a seed from 1 to {LARGEST_STUDY_SEED}")
    return Study(load_plan(plan, settings_from(args.set)), args.seed), int(number)
