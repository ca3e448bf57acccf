"""Mistakes in plans, each found at its line and column."""

from pathlib import Path

import pytest

from sim.drill.lint.lint import lint_file
from sim.drill.organisation.shipped_files import shipped_names
from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder

PLAN = """\
mxdrill: 2
id: tried
scenario: gateway-down
people: [{ role: dns-team }, { role: security-approver, answers: 10m }]
places:
  - { id: registrar, second_factor: app }
steps:
  - { id: declare, owner: incident-lead, takes: "pert(5m, 10m, 30m)", manual: Declare it }
  - { id: probe, do: probe mx all }
  - { id: ask, after: [declare], do: approve mx because=no estimate }
  - { id: mx, after: [ask], at: mx.approved, owner: dns-team, needs: [registrar], do: mx set backup, &verify }
assumptions:
  - { id: moved, to: inbound.moved, within: 4h }
""".replace("&verify", "verify: dns ask all")

# name: what is replaced, by what, the text at the position that is reported, and words of the report
PLANTED = {
    "unknown command": ("do: mx set backup,", "do: mx sett backup,", "mx sett", "mx set"),
    "missing owner": ("owner: incident-lead, ", "", "id: declare", "no `owner`"),
    "cycle": ("{ id: ask, after: [declare]", "{ id: ask, after: [mx]", "after", "ask › mx › ask"),
    "never due": ("at: mx.approved", "at: outbound.approved", "outbound.approved", "mx can never be due"),
    "unreachable console": (
        "do: approve mx because=no estimate",
        "do: continuity start for=8h",
        "continuity start",
        "this outage makes unavailable",
    ),
    "MX step behind an unreachable console": (
        "second_factor: app",
        "behind: gateway",
        "needs",
        "mx needs registrar, but it is the gateway's own console",
    ),
    "impossible verify": ("verify: dns ask all", "verify: arrivals show", "arrivals show", "does not verify"),
    "negative duration": ('"pert(5m, 10m, 30m)"', "-5m", "-5m", "is negative"),
    "pert out of order": ("pert(5m, 10m, 30m)", "pert(10m, 5m, 30m)", '"pert(10m', "out of order"),
    "milestone that cannot come": (
        "to: inbound.moved",
        "to: continuity.active",
        "continuity.active",
        "moved needs continuity.active, which can never happen",
    ),
    "second factor by the dead mail": (
        "second_factor: app",
        "second_factor: email",
        "needs",
        "its second factor comes by email",
    ),
    "unknown owner": ("owner: dns-team", "owner: dns-taem", "dns-taem", "no 'dns-taem' among the people"),
    "unknown step": ("after: [declare]", "after: [declared]", "after", "did you mean declare?"),
    "text with a comma": (
        '"pert(5m, 10m, 30m)"',
        "pert(5m, 10m, 30m)",
        "pert(5m",
        'quotes: takes: "pert(5m, 10m',
    ),
    "newer version": ("mxdrill: 2", "mxdrill: 3", "3", "which reads version 2"),
    "version of runbooks": ("mxdrill: 2", "mxdrill: 1", "1", "a plan starts with `mxdrill: 2`"),
    "unknown setting": ("people: [", "set: { user: 200 }\npeople: [", "200", ": user: no such parameter of"),
    "near figures": ("to: inbound.moved", "figure: returned", "returned", "returned-by-senders"),
    "figure with a time": ("to: inbound.moved", "figure: bounced", "id: moved", "remove `within`"),
    "a step by its id": ("do: approve mx", "do: aprove mx", "aprove", " ask: `do`: "),
    "a step's field by its id": ("after: [ask]", "afer: [ask]", "afer", "unknown key `steps.mx.afer`"),
    "no prefix for the whole": ("after: [ask]", "after: [mx]", "after", ": mx waits for itself"),
    "promise on a moment": (
        "to: inbound.moved",
        "to: continuity.active",
        "continuity.active",
        "the plan does not contain `continuity start`; add such a step, or promise another moment",
    ),
    "a certainty": (
        "to: inbound.moved, within: 4h",
        "to: inbound.moved, within: 4h, with: 100%",
        "100%",
        "moved promises 100 %, which no number of runs can show",
    ),
    "answers of an approver who is not asked": (
        "{ id: ask, after: [declare], do: approve mx because=no estimate }",
        "{ id: ask, after: [declare], do: approve mx emergency=yes }\n#",
        "security-approver",
        "no step needs security-approver, so this entry changes nothing",
    ),
    "control character": (
        "manual: Declare it",
        'manual: "Declare\\u0007 it"',
        '"Declare',
        "contains a control or invisible character (U+0007); remove it",
    ),
    "a long text": ("manual: Declare it", f"manual: {'Declare ' * 200}", "Declare", "longer than 1,000 char"),
    "emergency account for a console behind the dead gateway": (
        "second_factor: app",
        "behind: gateway, break_glass: true",
        "needs",
        "it is the gateway's own console; plan it for after outage.end",
    ),
    "contact in capitals": (
        "second_factor: app",
        "contact: Ops@Harbour.EXAMPLE",
        "needs",
        "Ops@Harbour.EXAMPLE is in the domain that is down",
    ),
    "approval without evidence": (
        "do: probe mx all",
        "do: status check gateway-vendor",
        "approve mx",
        "`approve mx because=no estimate` is refused, because no step shows what is broken; add",
    ),
    "check of another kind": (
        "verify: dns ask all",
        "verify: connector test to=gmail",
        "connector test",
        "does not check `mx set backup`; it shows the results of connector",
    ),
    "fallback to itself": (
        "do: mx set backup, ",
        "do: mx set backup, on failure: { do: mx }, ",
        "mx }",
        "mx replaces itself, when it has already failed: mx › mx",
    ),
    "fallback that waits for what it replaces": (
        "do: approve mx because=no estimate }",
        "do: approve mx because=no estimate, on failure: { do: mx } }",
        "after: [ask]",
        "mx replaces ask, and waits for it: ask › mx › ask; remove the `after` of mx",
    ),
    "always left out": (
        "{ id: ask, after: [declare], ",
        "{ id: ask, after: [declare], unless: [outage.start], ",
        "unless",
        "ask is always skipped",
    ),
    "always fails": (
        "do: mx set backup, ",
        "do: mx set backup, fails: 100%, on failure: { again: 3 }, ",
        "100%",
        "mx is never done, because every attempt fails",
    ),
    "never applies": (
        "to: inbound.moved, within: 4h",
        "from: mx.changed, to: inbound.moved, within: 4h, unless: [mx.changed]",
        "unless",
        "moved never applies, because its `unless` always comes before its limit",
    ),
    "a promise from its own end": (
        "to: inbound.moved, within: 4h",
        "from: declare.done, to: declare.done, within: 4h",
        "declare.done, to",
        "moved measures nothing, because `from` and `to` are the same moment",
    ),
    "a promise about an earlier step": (
        "to: inbound.moved, within: 4h",
        "from: mx.done, to: declare.done, within: 4h",
        "mx.done, to",
        "moved measures nothing, because declare.done cannot come after mx.done; count from an earlier",
    ),
    "more than everything": (
        "to: inbound.moved, within: 4h",
        "figure: promises-kept-percent, at least: 130",
        "130",
        "promises-kept-percent is at most 100; write a smaller limit",
    ),
    "everything": (
        "to: inbound.moved, within: 4h",
        "figure: promises-kept-percent, at most: 100",
        "100",
        "promises-kept-percent is at most 100, so moved always holds",
    ),
    "nothing promised": (
        "to: inbound.moved, within: 4h",
        "to: inbound.moved, within: 4h, with: 0%",
        "0%",
        "moved promises 0 %, which always holds",
    ),
    "stays, of an end of work": (
        "to: inbound.moved, within: 4h",
        "to: declare.done, within: 4h, stays: 2h",
        "id: moved",
        "`stays`: declare.done does not begin a state that can end; write one of continuity.active,",
    ),
    "a text in place of a list": ("after: [declare]", "after: declare", "declare", "a list, as in [declare]"),
    "text with a comma in varies": (
        "steps:\n",
        "varies: { outage: pert(1h, 2h, 3h) }\nsteps:\n",
        "pert(1h, 2h",
        'text with a comma; put it in quotes: outage: "pert(1h, 2h, 3h)"',
    ),
    "a wrong value in varies": (
        "steps:\n",
        "varies: { outage: 5 }\nsteps:\n",
        "5 }",
        "`varies.outage`: '5' is not a duration",
    ),
    "a list without brackets": (
        "after: [ask]",
        "after: ask, probe",
        "ask, probe",
        "a list needs brackets: after: [ask, probe]",
    ),
    "a text in place of a block": (
        "manual: Declare it",
        "manual: Declare it, on failure: again",
        "again",
        "`steps.declare.on failure` is 'again'; write a block with the keys after, do, again",
    ),
    "a duration in place of a moment": (
        "at: mx.approved",
        "at: 15m",
        "15m",
        "'15m' is a duration, not a moment; write the moment from which it counts: outage.start + 15m",
    ),
    "a milestone with an underscore": (
        "at: mx.approved",
        "at: mx_approved",
        "mx_approved",
        "'mx_approved' is not a moment; did you mean mx.approved, or mx_approved.done for the end of a step?",
    ),
    "a time since the drill's start": (
        "{ id: probe, do",
        "{ id: probe, at: T+10m, do",
        "T+10m",
        "probe is due 1 h before the outage begins; for a time after the onset, write outage.start + 10m",
    ),
    "a time of day before the outage": (
        "{ id: probe, do",
        "{ id: probe, at: 09:40, do",
        "09:40",
        "probe is due 1 h before the outage begins",
    ),
    "another word than none": (
        "{ role: dns-team }",
        "{ role: dns-team, out of hours: nobody }",
        "nobody",
        "`people.dns-team.out of hours`: 'nobody' is not a duration; write 15m, 5m..15m, pert(5m, 12m, 45m), "
        "lognormal(median=6h, p90=30h), or samples(file.csv, column), or none",
    ),
    "a night shift": (
        "{ role: dns-team }",
        "{ role: dns-team, hours: Mon-Fri 22:00-06:00 }",
        "Mon-Fri 22",
        "are not working hours; write one range of days and of times, such as Mon-Fri 08:00-18:00, Sat",
    ),
    "a step in place of its end": (
        "to: inbound.moved",
        "to: mx",
        "mx,",
        "write mx.done for the end of a step",
    ),
    "a step's end in unless": (
        "within: 4h",
        "within: 4h, unless: [declare.done]",
        "unless",
        "'declare.done' is the end of a step; only milestones are possible here",
    ),
    "a misspelt role": (
        "people: [",
        "people: [{ role: incident-leed }, ",
        "incident-leed",
        "is a new role, and no step has it as `owner`; did you mean incident-lead?",
    ),
    "a misspelt role in a preparation": (
        "people: [",
        "preparations: [{ id: rota, people: [{ role: dns-taem }] }]\npeople: [",
        "dns-taem",
        "did you mean dns-team?",
    ),
    "a preparation out of range": (
        "people: [",
        "preparations: [{ id: short, set: { ttl: 48h } }]\npeople: [",
        "48h",
        "ttl=48h: out of range; write 1m to 24h",
    ),
    "a readiness without a unit": (
        "people: [",
        "varies: { readiness: { ttl: [5m, 300] } }\npeople: [",
        "ttl",
        "ttl=300: not a duration such as 31h; write 1m to 24h",
    ),
    "an outage longer than is possible": (
        "people: [",
        "varies: { outage: 8h..328h }\npeople: [",
        "8h..328h",
        "outage is beyond 10m to 7d in 50 % of runs, and counts as that limit; write a narrower",
    ),
    "a key twice": ("after: [ask]", "after: [ask], after: [ask]", "after", "remove one of the two, or begin"),
    "nobody declares": ("id: declare, owner", "id: first, owner", "steps:", "declares the incident"),
}


def findings(folder: Path, text: str) -> list[str]:
    from sim.drill.commands.grammar import parse

    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        return lint_file(str(path), parse)
    except BadFile as error:
        return error.lines


def test_a_plan_without_mistakes_has_no_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, PLAN) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found_at_its_place(name: str, tmp_path: Path) -> None:
    old, new, at, what = PLANTED[name]
    assert PLAN.count(old) == 1
    text = PLAN.replace(old, new)
    if name == "nobody declares":
        text = text.replace("[declare]", "[first]").replace("Declare it", "Begin")
    found = findings(tmp_path, text)
    fitting = [line for line in found if what in line]
    assert fitting, found
    _, line, column = fitting[0].removeprefix(str(tmp_path)).split(":")[:3]
    assert text.splitlines()[int(line) - 1][int(column) - 1 :].removeprefix("{ ").startswith(at), found


@pytest.mark.parametrize("name", shipped_names("plans"))
def test_shipped_plans_have_no_finding(name: str) -> None:
    from sim.drill.commands.grammar import parse

    assert lint_file(str(shipped_folder() / "plans" / f"{name}.yaml"), parse) == []


def test_a_runbook_of_version_1_is_not_a_plan(tmp_path: Path) -> None:
    from sim.drill.session.load_plan import load_plan

    path = tmp_path / "old.yaml"
    path.write_text("mxdrill: 1\nid: old\nscenario: gateway-down\nsteps: []\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"old.yaml:1:10: this is a version 1 runbook"):
        load_plan(str(path))


def steps_of(*rows: str) -> str:
    return PLAN.partition("steps:")[0] + "steps:\n" + "".join(f"  - {{ {row} }}\n" for row in rows)


@pytest.mark.timeout(20)
def test_steps_that_meet_again_and_again_are_each_looked_at_once(tmp_path: Path) -> None:
    """Forty pairs, each of which waits for both steps of the pair before: 2^40 ways back to the first."""
    rows = ["id: declare, owner: incident-lead, takes: 1m, manual: Declare it"]
    before = "declare"
    for number in range(40):
        ids = [f"left-{number}", f"right-{number}"]
        rows += [f"id: {id_}, owner: dns-team, takes: 1m, manual: it, after: [{before}]" for id_ in ids]
        before = ", ".join(ids)
    rows += [
        f"id: ack, do: alerts ack, after: [{before}]",
        "id: probe, do: probe mx all",
        "id: ask, do: approve mx",
    ]
    promise = "assumptions: [{ id: p, to: ack.done, within: 4h }]\n"
    (line,) = findings(tmp_path, steps_of(*rows) + promise)
    assert "`alerts ack` is given in the continuity portal, which this outage makes unavailable" in line
