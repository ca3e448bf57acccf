"""`mxdrill runbook`: print a plan to start from, or compare a plan with completed drills."""

import argparse
import json
from pathlib import Path

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.output_files import write_file

WHOSE = "for facilitators: the times reveal when its faults began and ended"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="print a commented plan made from a scenario's reference runbook")
    new.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario or path of a file")
    compare = actions.add_parser(
        "compare", help="show when each step of a plan was due, given and done in drills"
    )
    compare.add_argument("plan", metavar="PLAN", help="name of a shipped plan or path of a file")
    compare.add_argument(
        "drills", nargs="+", metavar="DRILL", help="beginning of a saved drill's name, or path of a journal"
    )
    compare.add_argument(
        "--samples",
        type=Path,
        metavar="FILE.csv",
        help="write the measured durations, for `samples` in the plan",
    )
    compare.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    return _compare(args) if args.action == "compare" else _new(args)


def _new(args: argparse.Namespace) -> int:
    from sim.drill.commands.grammar import parse
    from sim.drill.scenario.runbook import reference_runbook
    from sim.drill.session.load import load_scenario
    from sim.drill.session.new_plan import new_plan

    scenario = load_scenario(args.scenario)
    print(new_plan(scenario, reference_runbook(scenario, parse)), end="")
    return exit_status.YES


def _compare(args: argparse.Namespace) -> int:
    from sim.drill.session.load_plan import load_plan
    from sim.drill.session.session import Session
    from sim.study.documents.rehearsal_text import drill_text, durations_text, rehearsal_document
    from sim.study.rehearsal.durations import FEWEST, measured_ms, samples_csv
    from sim.study.rehearsal.steps_played import steps_played
    from tui.shell.drill_files import find_drill
    from tui.shell.standard_streams import tell

    loaded = load_plan(args.plan)
    plan, played = loaded.plan, []
    for path in dict.fromkeys(find_drill(name) for name in args.drills):
        session = Session.replay(path)
        if session.scenario.id != loaded.scenario.id:
            what = f"{path.stem} is a drill of {session.scenario.id}"
            raise CommandMistake(f"{what}; {plan.id} is a plan for {loaded.scenario.id}")
        if not session.ended:
            tell(f"note: {path.stem} is not over; {WHOSE}")
        played.append((path.stem, session, steps_played(plan, session)))
    measured = [(name, steps) for name, _session, steps in played]
    if args.samples is not None:
        write_file(args.samples, samples_csv(measured), "--samples ")
        if not any(len(values) >= FEWEST for values in measured_ms(measured).values()):
            tell(
                f"note: {args.samples} has no durations: `samples` needs each step in {FEWEST} drills or more"
            )
    if args.json:
        print(json.dumps(rehearsal_document(plan, played), indent=1, ensure_ascii=False))
        return exit_status.YES
    for name, session, _steps in played:
        print("\n".join([*drill_text(plan, name, session), ""]))
    print(
        "\n".join(
            [
                "From when a step was due to the end of its hands-on time, for `takes` in the plan",
                *durations_text(plan, measured),
            ]
        )
    )
    return exit_status.YES
