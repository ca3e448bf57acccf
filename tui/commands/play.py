"""`mxdrill play`: open the console on a new drill; without a terminal, run the reference runbook."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.arguments import add_seed_and_settings
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from tui.playing.opened import Opened

MODES = ("guided", "exam", "free")
DEFAULT = "exchange-down"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "scenario",
        nargs="?",
        metavar="SCENARIO",
        help="name of a shipped scenario or path of a file (default: exchange-down); `any`: one chosen "
        "by the seed, with its name hidden",
    )
    parser.add_argument(
        "--speed", type=int, default=60, metavar="X", help="initial speed of the clock (default: 60)"
    )
    parser.add_argument(
        "--mode",
        choices=MODES,
        default="guided",
        help="guided: show the objectives; exam: show them only in the debrief; free: have no objectives",
    )
    add_seed_and_settings(parser)
    parser.add_argument(
        "--stop-at",
        action="append",
        choices=("alert", "objective", "free"),
        default=[],
        help="stop the clock at the first alert, if an objective is not met, or when a person is free again",
    )
    parser.add_argument("--lab", action="store_true", help="also open real SMTP ports on loopback")
    parser.add_argument(
        "--plan",
        metavar="PLAN",
        help="play this plan's outage with its people, and show its steps: name of a shipped plan, or path",
    )
    parser.add_argument(
        "--run",
        metavar="PLAN#N",
        help="open the end of run N of a check of this plan, with the plan's people and steps; --seed: the "
        "seed of the check",
    )
    parser.add_argument(
        "--journal",
        type=Path,
        metavar="FILE",
        help="save the drill in this file (default: data folder)",
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0, or 130 after Ctrl+C."""
    from tui.shell.standard_streams import is_terminal

    _check(args)
    if args.run is not None:
        return open_run(args)
    if not is_terminal():
        if args.plan is not None:
            raise CommandMistake(
                "--plan: the console needs a terminal; `mxdrill check` runs a plan without one"
            )
        return play_reference(args)

    def opener() -> "Opened":
        from tui.playing.open_drill import NewDrill, begin

        return begin(
            NewDrill(
                args.scenario or DEFAULT,
                args.seed,
                args.journal,
                args.mode,
                args.speed,
                args.lab,
                args.set,
                args.stop_at,
                args.plan or "",
            )
        )

    return show(opener, args.speed)


UPDATES_PER_SECOND = "120"
"""Textual reads it when it is loaded. By default, it updates the screen at most 60 times a second; after an
expensive frame, a key may have to wait for two of these intervals.
"""


def show(opener: "Callable[[], Opened]", speed: int) -> int:
    """Show the console until the user leaves. Raises its errors once the terminal is restored."""
    os.environ.setdefault("TEXTUAL_FPS", UPDATES_PER_SECOND)
    from tui.app import DrillApp
    from tui.playing.console_memory import keep_freed_memory, use_small_pages
    from tui.playing.short_collections import ShortCollections
    from tui.shell.signals import Goodbye, ctrl_c_cancels
    from tui.shell.standard_streams import tell

    def loaded() -> "Opened":
        keep_freed_memory()
        use_small_pages()
        opened = opener()
        ShortCollections().begin()
        return opened

    with ctrl_c_cancels(), Goodbye() as goodbye:
        app = DrillApp(loaded, speed, goodbye=goodbye)
        status = app.run()
    if app.kept:
        from tui.shell.drill_files import usable_name

        tell(f"saved; to continue: mxdrill resume {usable_name(Path(app.kept))}")
    if app.failure is not None:
        raise app.failure
    return exit_status.YES if status is None else status


def play_reference(args: argparse.Namespace) -> int:
    """Run the scenario's reference runbook headless, then print its debrief."""
    from sim.drill.session.load import load_scenario, settings_from
    from sim.drill.session.player import play
    from sim.drill.session.session import Session
    from tui.commands.run import chosen_runbook, report
    from tui.playing.drawn_outage import outage_of

    name = outage_of(args.scenario or DEFAULT, args.seed)
    scenario = load_scenario(name, settings_from(args.set))
    runbook = chosen_runbook("reference", scenario)
    assert runbook is not None
    print(f"no terminal: running the reference runbook {runbook.id} without the console", flush=True)
    session = Session.start(scenario, args.seed, args.journal)
    play(session, runbook)
    session.close()
    report(session)
    return exit_status.YES


def open_run(args: argparse.Namespace) -> int:
    """Open one run of a plan as its check made it; without a terminal, print its debrief."""
    from contextlib import nullcontext

    from sim.drill.session.session import Session
    from tui.commands.run import report
    from tui.shell.checking.kept_run import kept_run, unsaved_run
    from tui.shell.standard_streams import is_terminal

    if not is_terminal():
        saved = args.journal is not None
        with nullcontext(kept_run(args, args.journal)) if saved else unsaved_run(args) as path:
            report(Session.replay(path))
        return exit_status.YES
    path = kept_run(args, args.journal)

    def opener() -> "Opened":
        from tui.playing.open_drill import go_on

        return go_on(path, run=args.run.rpartition("#")[2])

    return show(opener, args.speed)


def _check(args: argparse.Namespace) -> None:
    if args.plan is not None and args.scenario is not None:
        raise CommandMistake(f"{args.scenario}: a plan names its own scenario; give either this or --plan")
    if args.plan is not None and args.run is not None:
        raise CommandMistake("--plan: a run of a plan shows its steps anyway; give either this or --run")
    if "objective" in args.stop_at and args.mode != "guided":
        raise CommandMistake("--stop-at objective: works only with --mode guided, which shows the objectives")
    if not 1 <= args.speed <= 3600:
        raise CommandMistake(f"--speed {args.speed}: give a whole number from 1 to 3600")
