"""The output of a check: text or JSON on standard output, and files for other programs."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from tui.shell.checking.extras import Extras, extra_keys
from tui.shell.command_mistake import CommandMistake
from tui.shell.output_files import write_file

if TYPE_CHECKING:
    from sim.study.check import Check
    from sim.study.paired import Paired


def print_check(check: "Check", args: argparse.Namespace, began: tuple[float, float], more: Extras) -> None:
    """Print the result and write its files. `began`: wall clock and CPU time at the start. Raises
    CommandMistake.
    """
    from sim.study.documents.check_text import check_text

    wall_s, cpu_s = perf_counter() - began[0], process_time() - began[1]
    if args.json:
        print(json.dumps(_document(check, wall_s, cpu_s, more, args), indent=1, ensure_ascii=False))
    else:
        print(check_text(check))
        for heading, lines in _told(check, more, args):
            print("\n".join(["", heading, *lines]))
    _write_files(check, args, more)


def require_places(args: argparse.Namespace) -> None:
    """Raises CommandMistake if a file could not be written after the runs, or would replace the plan or
    another result.
    """
    plans = [Path(name) for name in (args.plan, args.against) if name]
    taken = {path.resolve(): "the plan" for path in plans if path.is_file()}
    for option in ("junit", "markdown", "csv", "html"):
        path: Path | None = getattr(args, option)
        if path is not None and (path.is_file() or not path.exists()):  # not a device or a pipe
            other = taken.setdefault(path.resolve(), f"the file of --{option}")
            if other != f"the file of --{option}":
                raise CommandMistake(f"--{option} {path}: is {other}; name another file")
        if path is not None and path.is_dir():
            raise CommandMistake(f"--{option} {path}: is a directory; name a file")
        if path is not None and not path.absolute().parent.is_dir():
            raise CommandMistake(f"--{option} {path}: there is no such folder; make it first")


def _told(check: "Check", more: Extras, args: argparse.Namespace) -> "Iterator[tuple[str, list[str]]]":
    """Heading and lines of each part that was requested."""
    from sim.kernel.quantities import counted
    from sim.study.documents.extra_text import (
        cells_text,
        compared_text,
        others_text,
        readiness_text,
        weather_text,
    )
    from sim.study.statistics.drivers import FEWEST

    def compared(pairs: "list[tuple[str, Paired]]") -> list[str]:
        return [f"  {compared_text(name, pair)}" for name, pair in pairs]

    few = len(check.runs) < FEWEST
    nothing = (
        f"not run: {counted(len(check.runs), 'run')} are too few to tell drivers from chance; "
        f"check at least {FEWEST}"
        if few
        else "not run: none of its drivers is a duration with a planned time"
    )
    for id_, pairs in more.what_if.items():
        yield f"{id_}: with one duration always at its planned time", compared(pairs) or [f"  {nothing}"]
    if args.against:
        none = ["  no promise has the same id in both plans"]
        yield f"Against {args.against}, on the same seeds", compared(more.against) or none
    if args.assumed:
        yield (
            "With all assumed times (steps, people, organisation) at their P90, on the same seeds",
            compared(more.assumed),
        )
        yield "With other values of unpublished numbers", list(others_text(more.others))
    if more.cells:
        yield "Each combination of readiness", list(cells_text(more.cells))
    if more.weather is not None:
        yield "Plan weather", list(weather_text(more.weather))
    if args.readiness:
        yield "Value of the preparations", list(readiness_text(more.readiness))


def _document(
    check: "Check", wall_s: float, cpu_s: float, more: Extras, args: argparse.Namespace
) -> dict[str, Any]:
    from sim.study.documents.check_json import check_document
    from sim.study.documents.extra_json import paired_document

    document = check_document(check, wall_s, cpu_s, **extra_keys(more, args))
    for promise in document["assumptions"]:
        pairs = more.what_if.get(promise["id"], [])
        promise["paired"] = [paired_document(name, pair) for name, pair in pairs]
    return document


def _write_files(check: "Check", args: argparse.Namespace, more: Extras) -> None:
    from sim.study.documents.files import junit, markdown, rows

    written: list[tuple[str, Path | None, Callable[[], str]]] = [
        ("--junit", args.junit, lambda: junit(check)),
        ("--markdown", args.markdown, lambda: markdown(check, more.against)),
        ("--csv", args.csv, lambda: rows(check)),
        ("--html", args.html, lambda: _page(check, more)),
    ]
    for option, path, text in written:
        if path is None:
            continue
        write_file(path, text(), f"{option} ")


def _page(check: "Check", more: Extras) -> str:
    from sim.study.documents.page import page

    return page(check, more.weather)
