"""The JSON document of `mxdrill run`, key by key, in order (docs/reference/run-json.md)."""

from typing import Any

from sim.drill.session.player import Followed
from sim.drill.session.session import Session
from sim.report.assumed_numbers import assumed_numbers
from sim.report.document.first_event_keys import FIRST_KEYS
from sim.report.document.judgement_keys import DECISIONS, OBJECTIVES, WORD_KEYS
from sim.report.document.key import Key, ListKey, filled, theme_keys
from sim.report.document.mail_keys import COUNT_KEYS
from sim.report.document.run_facts import RunFacts, run_facts
from sim.report.document.sender_mix_keys import MIX_KEYS
from sim.report.document.step_keys import BAND, STEP_KEYS
from sim.report.mail_figures import BacklogFigures, LostMail
from sim.report.people_figures import PeopleFigures
from sim.report.protection_figures import ProtectionCost
from sim.report.reference_band import Column
from sim.report.sender_ranges import Ranges

FOLLOWED = Followed()
"""The value if the run did not follow a runbook."""


def _messages_per_s(facts: RunFacts) -> int | None:
    generated = sum(facts.session.drill.world.generated())
    return round(generated / facts.wall_s) if facts.wall_s > 0 else None


_RUN_KEYS: tuple[Key[RunFacts], ...] = (
    Key("scenario", "", "id of the scenario", lambda facts: facts.session.scenario.id),
    Key(
        "settings",
        "",
        "parameters that were set with `--set`, as text; `{}` if none",
        lambda facts: facts.session.scenario.settings,
    ),
    Key("runbook", "", "id of the runbook, or `none`", lambda facts: facts.runbook),
    Key("seed", "", "seed of the run", lambda facts: facts.session.seed),
    Key(
        "digest",
        "",
        "SHA-256 (hexadecimal) of every event, every message that left the queue or an Outbox, the totals, "
        "and everything still queued ([how](../explanation/engine.md#the-digest))",
        lambda facts: facts.session.digest(),
    ),
    Key(
        "until_s",
        "s",
        "time at which the run stopped (since the start)",
        lambda facts: facts.session.now_ms / 1000,
    ),
    Key(
        "ended",
        "",
        "`true` if the drill ran to its end; `false` if `--until` stopped it earlier",
        lambda facts: facts.session.ended,
    ),
)
_ASSUMED_KEYS: tuple[Key[RunFacts], ...] = (
    Key(
        "assumed",
        "numbers",
        "`numbers` counts the numbers and rules used by the run that are unpublished and therefore "
        "assumed. `of` counts all numbers and rules used, from the organisation's file and from the house "
        "rules, platforms, vendors, servers and resolvers. `names` lists the assumed ones, each by its "
        "place in the organisation's file, or with the name of its file in front: "
        "`platforms/gmail.parameters.…`",
        lambda facts: assumed_numbers(facts.session.drill),
        ("numbers", "of", "names"),
    ),
)
_SPEED_KEYS: tuple[Key[RunFacts], ...] = (
    Key("wall_s", "s", "time that the simulation took on this machine", lambda facts: round(facts.wall_s, 3)),
    Key(
        "messages_per_s",
        "messages/s",
        "generated messages of all directions, divided by `wall_s`",
        _messages_per_s,
    ),
)

_PEOPLE: tuple[Key[RunFacts], ...] = theme_keys(PeopleFigures, lambda facts: facts.figures.people)
RUN_KEYS: tuple[Key[RunFacts] | ListKey[RunFacts], ...] = (
    *_RUN_KEYS,
    *COUNT_KEYS,
    *FIRST_KEYS,
    *(key for key in _PEOPLE if key.path.startswith("users.")),
    *MIX_KEYS,
    *(key for key in _PEOPLE if key.path.startswith("alerts.")),
    *theme_keys(BacklogFigures, lambda facts: facts.figures.backlog),
    *theme_keys(LostMail, lambda facts: facts.figures.lost),
    *theme_keys(ProtectionCost, lambda facts: facts.figures.protection),
    *WORD_KEYS,
    DECISIONS,
    OBJECTIVES,
    *STEP_KEYS,
    BAND,
    *_ASSUMED_KEYS,
    *_SPEED_KEYS,
)
"""All keys of the document, in order; the reference page is generated from this list."""


def document(
    session: Session,
    runbook: str,
    wall_s: float,
    by_mix: Ranges | None = None,
    followed: Followed = FOLLOWED,
    band: tuple[Column, ...] | None = None,
) -> dict[str, Any]:
    """The document of `session`; `wall_s`: how long the run took.

    `by_mix`: counts from runs with each mix of senders, if there were such runs; `band`: the columns of the
    band, if there is one.
    """
    return filled(RUN_KEYS, run_facts(session, runbook, wall_s, by_mix, followed, band))
