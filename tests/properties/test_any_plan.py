"""Whatever a plan's file holds, it is a plan that lint can read, or a BadFile: never another exception."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.session.load_plan import load_plan
from sim.kernel.document import BadFile
from tests.hostile import tries

PLAN = """\
mxdrill: 2
id: tried
scenario: gateway-down
set: { users: 20 }
varies: { outage: "lognormal(median=2h, p90=6h)", starts: [Mon 09:15, Sat 03:00], readiness: { ttl: [5m] } }
people:
  - { role: dns-desk, count: 2, hours: "Mon-Fri 08:00-18:00", answers: "pert(1m, 4m, 25m)",
      out of hours: 30m..2h, reached: 90%, again: 5m }
places:
  - { id: panel, sign_in: local, second_factor: app, contact: ops@elsewhere.example, behind: gateway }
together: 30%
until: 5h
steps:
  - { id: declare, phase: First, owner: incident-lead, takes: 4m..14m, manual: Declare it,
      unless: [server.reported-back] }
  - { id: look, at: outage.start + 10m, do: probe mx all }
  - { id: ask, after: [declare, look], do: approve mx because=no forecast }
  - { id: swing, after: [ask], at: mx.approved, owner: dns-desk, needs: [panel], takes: "pert(5m, 10m, 45m)",
      do: mx set backup ttl=300, verify: dns ask authority, verify every: 6m, fails: 8%,
      on failure: { after: 3m, again: 2 } }
  - { id: tell, after: [declare], owner: communications, takes: 5m, every: 2h, hours: "Mon-Fri 08:00-18:00",
      do: notify users via=sms cause=gateway, unless: [outage.end] }
preparations:
  - { id: short, costs: 1h, set: { ttl: 5m }, done: [look], takes: { declare: 2m } }
assumptions:
  - { id: swung, says: The MX is changed, from: declare.done, to: mx.changed and swing.done, within: 3h,
      stays: 2h, with: 60%, unless: [server.reported-back] }
  - { id: told, to: tell.done, within: 1h, with: 99.5% }
"""
VALUES = [
    "",
    "7",
    "-7",
    "0",
    "[]",
    "{}",
    "[a, {b: c}]",
    "null",
    "true",
    "1h",
    "-1h",
    "99999d",
    "[swing]",
    "swing.done",
    "a.done + 5m and T+1h",
    "alert.open + 1m",
    "pert(1m, 2m)",
    "samples(none.csv, took_s)",
    "samples(/dev/zero, took_s)",
    "'lognormal(median=0s, p90=0s)'",
    "101%",
    "mx set backup",
    "!!set {a}",
    "&a [*a]",
    "1.5",
    ".nan",
    "9" * 400,
    "'\\udfff'",
]
WORDS = PLAN.replace("{", "{ ").replace(",", " , ").split(" ")
"""Every word of the plan; joined by spaces, they are the plan again."""


def refusal(folder: Path, text: str) -> list[str]:
    file = folder / "plan.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    try:
        load_plan(str(file))
        return lint_file(str(file), parse)
    except BadFile as error:
        return error.lines


def test_the_plan_itself_has_no_mistake_but_its_unreachable_panel(tmp_path: Path) -> None:
    (line,) = refusal(tmp_path, " ".join(WORDS))
    assert "swing needs panel, but it is the gateway's own console" in line


@pytest.mark.fuzz
@tries(60)
@given(place=st.integers(0, len(WORDS) - 1), value=st.sampled_from([*VALUES, *sorted(set(WORDS))]))
def test_a_word_that_is_something_else(tmp_path: Path, place: int, value: str) -> None:
    text = " ".join([*WORDS[:place], value, *WORDS[place + 1 :]])
    assert all("\n" not in one for one in refusal(tmp_path, text))


@pytest.mark.fuzz
@tries(40)
@given(start=st.integers(0, len(PLAN)), length=st.integers(1, 200), put=st.text(max_size=10))
def test_a_piece_that_is_cut_or_overwritten(tmp_path: Path, start: int, length: int, put: str) -> None:
    text = PLAN[:start] + put + PLAN[start + length :]
    assert all("\n" not in one for one in refusal(tmp_path, text))
