"""The map of the tree in docs/explanation: each folder with its sentence, and the direction of imports."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("tui", "sim")
SENTENCES_FROM = 26
"""Column of the tree at which the sentences begin."""
DRAWN = ("", "sim.drill", "sim.mail")
"""Containers whose layers are listed: the whole program, and the two large packages."""

WHERE = (
    (
        "A number, with its source",
        "`scenarios/`, never code; house rules and the hands-on minutes of each command: "
        "`scenarios/house/rules.yaml`",
    ),
    (
        "How one product retries",
        "one message: `sim/mail/platforms/retry/` (Exim is `host_clock.py`); "
        "a server with a queue: `sim/mail/senders/machines/`; its numbers: `scenarios/platforms/`",
    ),
    (
        "When an alert is raised",
        "`sim/mail/gateway/monitors.py`; when its SMS and email arrive: `sim/drill/services/alerting.py`",
    ),
    (
        "How long a resolver keeps an MX record",
        "`sim/mail/dns/cache_policy.py`; when each sender follows a change: "
        "`sim/mail/dns/mx_view.py`; resolvers' numbers: `scenarios/resolvers/`; "
        "how MTA-STS blocks senders: `sim/mail/routes/zone.py`",
    ),
    (
        "What needs approval",
        "`sim/drill/room/approvals.py` (requests: `approval_requests.py`); who may approve: `APPROVER` in "
        "`sim/drill/room/incident_room.py` and the role `security-approver` in `scenarios/organisations/`; "
        "an approver's time to answer: `answer_minutes` in the organisation's file; "
        "who calls the helpdesk: `sim/mail/users/calls.py`, executives and partners "
        "`sim/drill/people/stakeholders.py`",
    ),
    (
        "What counts as late, or as any other figure",
        "`sim/mail/accounts/late_mail.py`, `sim/drill/scoring/figures/`; when an objective is met or has "
        "failed: `sim/drill/scoring/verdicts.py` (its times: `deadlines.py`, its figures: `targets.py`); "
        "the rules in words: [scoring](scoring.md)",
    ),
    (
        "Which commands need the gateway's console",
        "`where=` of each command and `PLACES` in `sim/drill/services/console_sessions.py`; what a slow "
        "or hung console does to them: `sim/drill/commands/console_access.py`",
    ),
    (
        "How a decision is judged",
        "`sim/drill/scoring/decisions.py` (postponed or repeated: `decision_reviews.py`); "
        "how it turned out: `sim/report/decisions/`",
    ),
    (
        "Why the mail server defers mail",
        "Exchange `sim/mail/server/back_pressure.py` (figures: `scenarios/servers/`), "
        "Microsoft 365 `sim/mail/server/throttle.py`",
    ),
    (
        "When a promise of a next update is broken",
        "`sim/drill/room/announcements.py`, with the minutes in `scenarios/house/rules.yaml`",
    ),
    (
        "How recovery becomes known",
        "`sim/drill/room/evidence.py`",
    ),
    (
        "The answer of each port of the lab, and the path of a real message",
        "answers in `sim/drill/services/wire.py`, given by `sim/live/gate.py` to each client "
        "(`connection.py`); messages read in `data_phase.py`, written and synced in `spool.py`, "
        "kept in `mailbox.py`",
    ),
    (
        "A command",
        "declared and carried out in its own file in `sim/drill/commands/`, parsed by `grammar.py`, "
        "dispatched by `dispatch.py`",
    ),
    (
        "What a pane shows",
        "drawn by `tui/widgets/` from the snapshot, composed by `sim/drill/views/`, "
        "read by `sim/drill/instruments/`; the part that a seat of an exercise gets: "
        "`sim/table/seat_knowledge.py`",
    ),
)
"""Questions whose answers are hardest to guess, each with the files that answer it."""


def architecture() -> Iterator[str]:
    """Lines of the page, title first."""
    yield "# The tree"
    yield from (
        "Each folder is a layer, and a topic has modules in several layers. For the zone, these are",
        "`organisation/zone_file` (settings in a file), `services/mx_zone` (events), `commands/dns`",
        "(people's actions), and `snapshot` and `views/zone` (people's screens). A `*_file` module is the",
        "model of a block of YAML. A `*_state` module holds and reads state; only the module next to it",
        "changes that state. [Engine](engine.md) explains a drill's clock, and the",
        "[glossary](../reference/glossary.md) explains terms.",
        "",
        "**Imports go from left to right only**; `make check` enforces this (`|` separates packages of the",
        "same layer):",
        "",
    )
    for container, layers in _layers().items():
        if container in DRAWN:
            inside = f"in `{container.replace('.', '/')}`: " if container else ""
            yield f"- {inside}{' › '.join(layers)}"
    yield from ("", "**Where is…**", "")
    yield from (f"- {question}: {answer}." for question, answer in WHERE)
    yield from ("", "```")
    for package in PACKAGES:
        yield from _folder(ROOT / package, 0)
    yield from (f"{'scenarios/':<{SENTENCES_FROM}}{sentence(ROOT / 'scenarios')}", "```", "")
    yield from (
        "<details>",
        "<summary>The modules of each folder</summary>",
        "",
        *(f"- `{_name(folder)}/`: {', '.join(modules(folder))}" for folder in folders() if modules(folder)),
        "",
        "</details>",
    )


def folders() -> list[Path]:
    """Every package of code, parents first."""
    return [path for package in PACKAGES for path in _below(ROOT / package)]


def sentence(folder: Path) -> str:
    """The docstring of a package."""
    text = (folder / "__init__.py").read_text(encoding="utf-8")
    return " ".join((ast.get_docstring(ast.parse(text)) or "").split())


def modules(folder: Path) -> list[str]:
    """Names of a package's own modules."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def _below(folder: Path) -> Iterator[Path]:
    yield folder
    for child in _children(folder):
        yield from _below(child)


def _folder(folder: Path, depth: int) -> Iterator[str]:
    label = f"{'  ' * depth}{folder.name}/"
    yield f"{label:<{SENTENCES_FROM}}{sentence(folder)}"
    for child in _children(folder):
        yield from _folder(child, depth + 1)


def _children(folder: Path) -> list[Path]:
    """Packages in `folder`, importers first, in the order of the contracts, otherwise by name."""
    container = "" if folder == ROOT / "sim" else _name(folder).replace("/", ".")
    layers = _layers().get(container, [])
    order = [one.strip().rpartition(".")[2] for layer in layers for one in layer.split("|")]
    found = [path.parent for path in folder.glob("*/__init__.py")]
    return sorted(found, key=lambda path: (_place(order, path.name), path.name))


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _name(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def _layers() -> dict[str, list[str]]:
    """Layers by container, importing ones first; the whole program's container is empty."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return {
        container: list(one["layers"])
        for one in contracts
        if one["type"] == "layers"
        for container in one.get("containers", [""])
    }
