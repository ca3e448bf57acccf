"""The command `mxdrill`: finds the sub-command, imports only that, and reports each mistake in one line."""

import argparse
import atexit
import gc
import signal
import sys
from importlib import import_module
from typing import Any, NoReturn

from sim.kernel.user_mistake import Mistake
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.standard_streams import make_usable, silence, tell

RARELY = (100_000, 20, 20)
"""Thresholds of Python's garbage collection; they are high because most records of the simulation live
long and do not form cycles.
"""

SUMMARIES = {
    "play": "play an outage in the console",
    "resume": "resume a drill that was left or interrupted",
    "run": "run an outage headless, with or without a runbook",
    "check": "run a continuity plan many times, and show the probability that each promise is kept",
    "runbook": "print a continuity plan to start from",
    "table": "run a tabletop exercise: a facilitator, players in roles, one outage",
    "lab": "open real SMTP ports on loopback that behave as in the outage",
    "debrief": "show what happened in a drill and how it scored",
    "bundle": "put a drill and its form into one file that can be verified elsewhere",
    "verify": "replay a drill's journal, or that of a bundle, and compare the digests",
    "replay": "show a finished drill again, event by event",
    "branch": "play a drill again with one difference, as a new drill",
    "drills": "list or delete the drills saved on this machine, or salvage a damaged one",
    "history": "keep the drills of people and teams over time, and show trends",
    "scenarios": "list, show and check scenarios; write their JSON Schemas",
    "platforms": "list or show the retry rules of sending systems, with sources",
    "resolvers": "list or show the caching rules of DNS resolvers, with sources",
    "table msel": "write the injects and expected actions of a scenario as CSV or XLSX (MSEL)",
    "table import": "make a scenario from an MSEL",
    "table compare": "compare teams that played the same outage, each on its own copy",
    "table pack": "write printable manuals, role cards, guides, forms and cards for an exercise",
    "probe retry": "simulate the attempts to deliver one message to a destination that fails",
    "probe dns": "show how long resolvers keep old answers after an MX change",
}

GROUPS = {
    "probe": "show how one message is retried, or how long one DNS record is cached",
    "table": "prepare and run an exercise for several people",
}
"""For each group of sub-commands, the words that their names begin with, and a summary."""

OF_TABLE = {
    "table msel": "msel",
    "table import": "import_file",
    "table pack": "pack",
    "table compare": "compare",
}
"""The module of each sub-command in `tui/commands/tables`."""

ON_KEPT_DRILLS = frozenset({"branch", "bundle", "history", "replay"})
"""The module of each sub-command in `tui/commands/kept`."""

BRIEF = frozenset({"run", "debrief"})
"""Sub-commands that end after a few runs; with `--range`, they need many."""


class _Parser(argparse.ArgumentParser):
    """A parser that reports a wrong argument and points to `--help`."""

    def error(self, message: str) -> NoReturn:
        super().error(f"{message}; see `{self.prog} --help`")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or a mistake. Help that cannot be written is a mistake; argparse ignores it."""
        if file is not sys.stdout:
            super()._print_message(message, file)
            return
        file.write(message)
        file.flush()

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """The value of an option. argparse takes `--seed=--` for an empty list."""
        found = super()._get_values(action, arg_strings)
        if action.nargs is None and isinstance(found, list):
            raise argparse.ArgumentError(action, "expected one argument")
        return found


def main(argv: list[str] | None = None) -> int:
    """Run `mxdrill` with `argv` and return its exit status, see `tui.shell.exit_status`."""
    words = sys.argv[1:] if argv is None else argv
    name = _command_of(words)
    gc.set_threshold(*RARELY)
    if argv is None:
        _expect_the_end(name)
    make_usable()
    try:
        parser, asked = _parser(only=name)
        args, unknown = parser.parse_known_args(words)
        if unknown:
            asked.error(_unknown(unknown, asked))
        if name is None:
            print(f"mxdrill {_version()}", flush=True) if args.version else parser.print_help()
            return exit_status.YES
        status = import_module(module_of(name)).run(args)
        sys.stdout.flush()
        return int(status)
    except KeyboardInterrupt:
        if argv is None:
            signal.signal(
                signal.SIGINT, signal.SIG_IGN
            )  # the process is ending, and another Ctrl+C would interrupt that
        return exit_status.INTERRUPTED
    except BrokenPipeError:
        silence(sys.stdout)
        return exit_status.YES
    except Mistake as mistake:
        for line in mistake.lines:
            tell(f"mxdrill: {line}" if isinstance(mistake, CommandMistake) else line)
    except OSError as why:
        where = f"{why.filename}: " if why.filename else ""
        tell(f"mxdrill: {where}{(why.strerror or str(why)).lower()}")
        silence(sys.stdout)
    except Exception as fault:
        return exit_status.INTERRUPTED if _by_interrupt(fault) else _keep_fault(fault)
    return exit_status.BAD_INPUT


def _expect_the_end(name: str | None) -> None:
    """Prepare this process for sub-command `name`: records of its world are not searched for garbage at
    exit, and in a brief sub-command not at all.
    """
    atexit.register(gc.freeze)
    if name in BRIEF and "--range" not in sys.argv:
        gc.disable()


def _by_interrupt(fault: BaseException | None) -> bool:
    """True if Ctrl-C caused `fault`: numpy reports that as a mistake in its installation, pydantic as one in
    a model, with the exception's name in its text.
    """
    names = set()
    while fault is not None:
        names |= {type(fault).__name__, str(fault).strip().rpartition("\n")[2].strip(" :")}
        fault = fault.__cause__ or fault.__context__
    return KeyboardInterrupt.__name__ in names


def _keep_fault(fault: Exception) -> int:
    """Report a fault of the program itself in one line; the traceback goes to a file for its developers."""
    import tempfile
    import traceback

    what = " ".join(f"{type(fault).__name__}: {fault}".split())[:120]
    told = "".join(traceback.format_exception(fault)).encode("utf-8", "backslashreplace")
    try:
        with tempfile.NamedTemporaryFile(prefix="mxdrill-fault-", suffix=".txt", delete=False) as file:
            file.write(told)
        details = f"details are in {file.name}"
    except OSError as why:
        details = f"details could not be written ({(why.strerror or 'no place for them').lower()})"
    tell(f"mxdrill: internal error ({what}); {details}")
    return exit_status.FAULT


def _unknown(words: list[str], parser: argparse.ArgumentParser) -> str:
    """The error for words that `parser` does not know, with the nearest option."""
    from difflib import get_close_matches

    known = parser.format_usage().replace("[", " ").replace("]", " ").split()
    near = get_close_matches(words[0], [option for option in known if option.startswith("--")], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"unrecognized arguments: {' '.join(words)}{hint}"


def _command_of(words: list[str]) -> str | None:
    plain = [word for word in words if not word.startswith("-")]
    for count in (2, 1):
        name = " ".join(plain[:count])
        if name in SUMMARIES:
            return name
    return None


def _version() -> str:
    from importlib.metadata import version

    return version("mxdrill")


def module_of(name: str) -> str:
    """The module of sub-command `name`."""
    if name in OF_TABLE:
        return f"tui.commands.tables.{OF_TABLE[name]}"
    folder = "kept." if name in ON_KEPT_DRILLS else ""
    return f"tui.commands.{folder}{name.replace(' ', '_')}"


def _parser(only: str | None) -> tuple[_Parser, _Parser]:
    """The parser of `mxdrill`, and the parser of sub-command `only`, the only one with its arguments."""
    parser = _Parser(
        prog="mxdrill",
        description="A flight simulator for the people who keep email running.",
        epilog="Everything is simulated or on loopback: no production system is touched.",
        allow_abbrev=False,
    )
    asked = parser
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    groups: dict[str, argparse._SubParsersAction[_Parser]] = {}
    groups[""] = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in SUMMARIES.items():
        *above, last = name.split()
        group = "".join(above)
        if (group in SUMMARIES and only != name) or (only in SUMMARIES and f"{only}".startswith(f"{name} ")):
            continue  # a command with sub-commands, which have their own arguments
        if group not in groups:
            within = groups[""].add_parser(group, help=GROUPS[group])
            groups[group] = within.add_subparsers(dest="what", metavar="WHAT", required=True)
        also = [one for one in SUMMARIES if one.startswith(f"{name} ")]
        more = f"Also: {', '.join(f'mxdrill {one}' for one in also)}; each has --help." if also else None
        sub = groups[group].add_parser(
            last, help=summary, description=summary, epilog=more, allow_abbrev=False
        )
        if name == only:
            import_module(module_of(name)).add(sub)
            asked = sub
    return parser, asked


if __name__ == "__main__":
    sys.exit(main())
