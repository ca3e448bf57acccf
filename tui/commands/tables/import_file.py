"""`mxdrill table import`: make a scenario file from an MSEL, and list what was not understood."""

import argparse
import re
from pathlib import Path

from sim.kernel.quantities import counted
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.output_files import write_file
from tui.shell.standard_streams import tell

MOST_SHOWN = 100
"""Maximum number of lines about cells; further ones are only counted."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="MSEL as .csv or .xlsx, from mxdrill or another tool"
    )
    parser.add_argument(
        "--like",
        metavar="SCENARIO",
        help="outage and organisation for the injects: shipped name or path (an .xlsx from mxdrill names it)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="scenario file to write (default: FILE.yaml next to it)",
    )
    parser.add_argument("--force", action="store_true", help="overwrite a file that exists")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 if every row is in the scenario, 1 if some were left out."""
    from sim.drill.organisation.shipped_files import shipped_names
    from sim.drill.session.load import load_scenario
    from sim.kernel.document import BadFile
    from sim.table.msel.files import read_tables
    from sim.table.msel.scenario_text import scenario_text
    from sim.table.msel.sheet import named_scenario, read_sheet
    from sim.table.msel.to_scenario import made_of

    for path in (args.file, args.output):
        if path is not None and path.is_dir():
            raise CommandMistake(f"{path}: is a directory; name a file")
    output = args.output or args.file.with_suffix(".yaml")
    if output.exists() and not args.force:
        raise CommandMistake(f"{output} exists; name another file with -o, or overwrite it with --force")
    tables = read_tables(args.file)
    sheet = read_sheet(tables)
    like = args.like or named_scenario(tables)
    if not like:
        raise CommandMistake(
            "name the outage that the injects belong to with --like, such as --like gateway-down"
        )
    base = load_scenario(like)
    made = made_of(sheet, base)
    for lines in (made.left_out, made.changed):
        for line in lines[:MOST_SHOWN]:
            tell(line)
        if len(lines) > MOST_SHOWN:
            tell(f"{args.file}: {len(lines) - MOST_SHOWN:,} more")
    if not made.injects and not made.faults:
        raise CommandMistake(f"{args.file}: no row became an inject; see above")
    name = re.sub(r"[^a-z0-9-]+", "-", args.file.stem.lower()).strip("-")[:50] or "exercise"
    beside = like if like in shipped_names("outages") else str(Path(like).absolute())
    text = scenario_text(made, base, beside, name, f"{base.title} ({args.file.stem})")
    draft = output.absolute().with_name(f".draft-{output.stem}.yaml")
    write_file(draft, text, "-o ")
    try:
        load_scenario(str(draft))
        write_file(output, text, "-o ")
    except BadFile as error:
        raise BadFile([line.replace(str(draft), str(output)) for line in error.lines]) from None
    finally:
        draft.unlink(missing_ok=True)
    injects, faults = counted(len(made.injects), "inject"), counted(len(made.faults), "fault")
    rows = f"{injects}, {faults}, {counted(len(made.left_out), 'row')} left out"
    print(f"{output}: {rows}")
    return exit_status.NO if made.left_out else exit_status.YES
