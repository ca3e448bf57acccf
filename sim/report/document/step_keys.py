"""Keys of a run's document about its runbook's steps, and about the band of runs for comparison."""

from sim.report.document.key import Key, ListKey
from sim.report.document.run_facts import RunFacts
from sim.report.table import by_row

STEP_KEYS: tuple[Key[RunFacts] | ListKey[RunFacts], ...] = (
    ListKey(
        "steps.refused",
        (
            Key("id", "", "id of a runbook step that had no effect", lambda one: one.step.id),
            Key(
                "at_s",
                "s",
                "time at which it was refused or failed (since the start)",
                lambda one: one.t_ms / 1000,
            ),
            Key("command", "", "its command", lambda one: one.step.do),
            Key("reason", "", "why it had no effect, in words", lambda one: one.reason),
        ),
        lambda facts: facts.followed.refused,
    ),
    Key(
        "steps.never_due",
        "",
        "ids of the steps that never became due",
        lambda facts: [one.id for one in facts.followed.never_due],
    ),
    Key(
        "steps.left_out",
        "",
        "ids of the steps that were not given because of a milestone in `unless`",
        lambda facts: [one.id for one in facts.followed.left_out],
    ),
)
BAND: ListKey[RunFacts] = ListKey(
    "band",
    (
        Key(
            "name",
            "",
            "`this run`, `with delays` (your runbook with human delays), `doing nothing`, `reference`, "
            "`human delays` (the reference with them); `[]` without `--band`",
            lambda column: column.name,
        ),
        Key("objectives_met", "objectives", "objectives met in that run", lambda column: column.met),
        Key("objectives", "objectives", "objectives of the scenario", lambda column: column.asked),
        Key(
            "figures",
            "",
            "the rows of the table that `--band` prints, by name; times in seconds",
            lambda column: by_row(column.outcome),
        ),
    ),
    lambda facts: facts.band or (),
)
