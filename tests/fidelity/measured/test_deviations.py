"""The table of docs/explanation/model.md, "Several messages, several hosts", is what the runs say."""

from pathlib import Path
from typing import Any

import pytest

from tests.fidelity.measured.recorded import RUNS, Compared, Recorded, always, compare, explained
from tests.fidelity.measured.test_courier_memory import SERVICE_MS as COURIER_MS
from tests.fidelity.measured.test_dns_down import answers_again
from tests.fidelity.measured.test_drain import SERVICE_MS
from tests.fidelity.measured.test_mx_change import moved
from tests.fidelity.measured.test_opensmtpd import resolver_of as opensmtpd_hosts
from tests.fidelity.measured.test_opensmtpd import service_of as opensmtpd_service
from tests.oracle.senders import History

MODEL_MD = Path(__file__).parents[3] / "docs" / "explanation" / "model.md"
KINDS = "e1-*-downmulti e3-* e4-* e5-* e6-* e7-* e8-*-servfail e10-* e11-* e12-* e13-* e14-* e15-* e17-*"
SEVERAL = sorted(path.stem for kind in KINDS.split() for path in RUNS.glob(f"{kind}.json"))


def circumstances(name: str) -> dict[str, Any]:
    """What a run needs beside its record, as arguments of `explained`."""
    kind = name.split("-", maxsplit=1)[0]
    both = always("mx1", "mx2")
    other = {
        "e5": both,
        "e6": moved,
        "e7": always("mxbh", "mx2"),
        "e8": answers_again,
        "e12": both,
        "e13": both,
    }
    resolver = other.get(kind, always("mx1"))
    if kind == "e4":
        return {"resolver": resolver, "service_ms": SERVICE_MS[name]}
    if kind in {"e14", "e15"}:
        return {"resolver": opensmtpd_hosts(name), "service_ms": opensmtpd_service(name)}
    if kind == "e17":
        return {"resolver": resolver, "service_ms": COURIER_MS}
    return {"resolver": resolver, "as_seen": kind in {"e1", "e3", "e6", "e10"}}


def played(name: str) -> tuple[Recorded, History, Compared]:
    run, history = explained(name, **circumstances(name))
    return run, history, compare(run, history)


def row(name: str) -> str:
    """Seconds of the server's own clock."""
    run, history, compared = played(name)
    ours, theirs = compared.connections
    speed = f", clock ×{run.run['clock_speed']}" if "clock_speed" in run.run else ""
    waits = "–"
    if len(compared.waiting_ms) > 1:
        model_ms, real_ms = compared.delays_ms
        waits = f"{real_ms / 1000:.1f} / {model_ms / 1000:.1f} s"
    ends = sorted(abs(by) for by in compared.ends_ms)
    second_ms = ends[-2] if len(ends) > 1 else 0
    cells = [
        name + speed,
        str(len(history.messages)),
        f"{theirs} / {ours}",
        waits,
        f"{second_ms / 1000:.2f} s",
        f"{ends[-1] / 1000:.2f} s",
    ]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("name", SEVERAL)
def test_the_table_in_the_documentation_is_true(name: str) -> None:
    assert row(name) in MODEL_MD.read_text(encoding="utf-8").splitlines()
