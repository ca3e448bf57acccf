"""Makes the stored journal: a short drill with commands, refusals, letters and marks in it.

    python -m tests.golden.make

Make it anew only when a change of the model is meant to change what happens, and say so in the
CHANGELOG, and raise `MODEL` if a release has had the old one: until then the stored one must
replay to the digests that it holds. The beginning of one of an older model stays as `model-N.jsonl`.
"""

import json
from pathlib import Path

from sim.drill.scenario.scenario import Scenario
from sim.drill.services.real_mail import Letter
from sim.drill.session.journal_reading import MODEL, read_header
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from tests.plays import ONSET_MS, give, small

FOLDER = Path(__file__).parent
JOURNAL, FIGURES = FOLDER / "exchange-down.jsonl", FOLDER / "exchange-down.json"
KEPT_LINES = 12
"""Of a journal of an older model: it must be read, and refused before any of it is replayed."""
SEED = 20_260_302

LETTERS = (
    Letter("anna@example.test", ("ben@harbour.example", "cem@harbour.example"), "Quay 4 é", 700, "0001.eml"),
    Letter("", ("ben@harbour.example",), "a null sender's", 90, "0002.eml"),
)
GIVEN: tuple[tuple[int, str | Letter], ...] = (
    (ONSET_MS - 1, "note all quiet"),
    (ONSET_MS, LETTERS[0]),
    (ONSET_MS + 9 * MINUTE_MS + 137, "alerts ack"),
    (ONSET_MS + 10 * MINUTE_MS, "continuity start via=console for=90m"),
    (ONSET_MS + 10 * MINUTE_MS, 'notify users via=sms text="use the \\"portal\\", please"'),
    (ONSET_MS + 20 * MINUTE_MS, "queue extend inbound 97h"),
    (ONSET_MS + 25 * MINUTE_MS + 1, "continuity extend 20m"),
    (ONSET_MS + 30 * MINUTE_MS, "queue retry inbound"),
    (ONSET_MS + 30 * MINUTE_MS, "make it work"),
    (ONSET_MS + HOUR_MS, "deliveries pause inbound"),
    (ONSET_MS + HOUR_MS + 7, LETTERS[1]),
    (ONSET_MS + 3 * HOUR_MS, "deliveries resume inbound"),
    (ONSET_MS + 3 * HOUR_MS, "notify executives via=phone state=down"),
    (ONSET_MS + 98 * HOUR_MS + 20 * MINUTE_MS, "queue retry inbound"),
)


def made(path: Path, scenario: Scenario) -> Session:
    """The drill, journaled at `path` and closed."""
    session = Session.start(scenario, SEED, path)
    for at_ms, what in GIVEN:
        session.advance(at_ms - 90 * SECOND_MS)
        session.mark(digest=True)
        session.advance(at_ms)
        give(session, what)
    session.advance(101 * HOUR_MS)
    for effect in session.effects():
        session.settle(effect.n)
    session.close()
    return session


def figures(session: Session) -> dict[str, object]:
    """What the stored journal must come to."""
    return {
        "digest": session.digest(),
        "now_ms": session.now_ms,
        "events": len(session.events()),
        "milestones": session.drill.milestones,
        "ledger": session.drill.world.custody(),
        "generated": list(session.drill.world.generated()),
        "attempts": session.drill.world.attempts(),
        "effects": [[effect.n, effect.t_ms, effect.kind] for effect in session.effects()],
    }


def of_model(model: int) -> Path:
    """The drill as an older model kept it; never made again."""
    return FOLDER / f"model-{model}.jsonl"


def keep_older(journal: Path, folder: Path) -> None:
    """Keep the beginning of `journal` in `folder` if it is of an older model."""
    model = read_header(journal)["model"]
    if model != MODEL:
        lines = journal.read_bytes().splitlines(keepends=True)
        (folder / of_model(model).name).write_bytes(b"".join(lines[:KEPT_LINES]))


if __name__ == "__main__":
    keep_older(JOURNAL, FOLDER)
    JOURNAL.unlink()
    FIGURES.write_text(
        json.dumps(figures(made(JOURNAL, small("98h", 12))), indent=1) + "\n", encoding="utf-8"
    )
    print(f"{JOURNAL}: {JOURNAL.stat().st_size} bytes")
