"""`mxdrill runbook`: print a continuity plan to begin with."""

import argparse

from tui.shell import exit_status


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="print a commented plan made from a scenario's reference runbook")
    new.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario or path of a file")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.commands.grammar import parse
    from sim.drill.scenario.runbook import reference_runbook
    from sim.drill.session.load import load_scenario
    from sim.drill.session.new_plan import new_plan

    scenario = load_scenario(args.scenario)
    print(new_plan(scenario, reference_runbook(scenario, parse)), end="")
    return exit_status.YES
