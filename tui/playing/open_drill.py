"""Begins or resumes a drill for the console, in a thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.painting.pace import Mode
from tui.playing.opened import Opened
from tui.playing.protocols import RealMail

if TYPE_CHECKING:
    from sim.drill.session.load_plan import LoadedPlan
    from sim.drill.session.session import Session
    from sim.drill.session.stops import StopAt
    from sim.drill.snapshot.plan_steps import PlanStepView
    from sim.report.paper.facts import DebriefFacts

MODES: tuple[Mode, ...] = ("guided", "exam", "free")


@dataclass(frozen=True, slots=True)
class NewDrill:
    """A drill to begin, as requested on the command line."""

    scenario: str
    seed: int
    journal: Path | None
    """Path of the journal; None for a new file in the user's data folder."""
    mode: Mode = "guided"
    speed: int = 60
    lab: bool = False
    settings: Sequence[str] = field(default=())
    stop_at: "Sequence[StopAt]" = ()
    plan: str = ""
    """Name or path of a plan: its scenario is run, and the console shows its steps; empty if there is no
    plan.
    """


def begin(wanted: NewDrill) -> Opened:
    """Begin a new drill. Raises BadFile, NoNewJournal, DiskFull."""
    from datetime import UTC, datetime

    from sim.drill.session.load import load_scenario, settings_from
    from sim.drill.session.session import Session
    from tui.playing.drawn_outage import ANY, outage_of
    from tui.shell.drill_files import new_journal

    settings = settings_from(wanted.settings)
    plan = _plan(wanted.plan, settings) if wanted.plan else None
    scenario = plan.scenario if plan else load_scenario(outage_of(wanted.scenario, wanted.seed), settings)
    hidden = wanted.scenario == ANY or wanted.mode == "exam"  # the name must not reveal the outage
    name = ("exam" if wanted.mode == "exam" else "drill") if hidden else scenario.id
    path = wanted.journal or new_journal(name, datetime.now(UTC).astimezone())
    launch: dict[str, Any] = {"mode": wanted.mode, "speed": wanted.speed}
    if wanted.lab:
        from sim.live.disk.mail_folder import launch_of_a_lab

        launch |= launch_of_a_lab()
    if plan:
        from sim.study.rehearsal.kept_plan import plan_document

        launch["plan"] = plan_document(plan.plan)
    people = plan.joined if plan else None
    session = Session.start(scenario, wanted.seed, path, launch, people=people)
    if wanted.stop_at:
        session.remark("stop-at", " ".join(sorted(wanted.stop_at)))
    opened = _opened(session)
    return replace(opened, paused=opened.lab is None, greeting=NEW)


def _plan(name: str, settings: "Mapping[str, str]") -> "LoadedPlan":
    from sim.drill.session.load_plan import load_plan

    return load_plan(name, settings)


NEW = "The clock is stopped. ? shows the briefing; space starts the clock."
"""First line of the console in a new drill."""


def go_on(path: Path, run: str = "") -> Opened:
    """Resume the drill of the journal at `path`, paused unless it has a lab. `run`: for a run of a plan's
    check, its number.

    Raises BadJournal, JournalBusy, DigestDiffers.
    """
    from sim.drill.session.session import Session

    opened = _opened(Session.resume(path))
    further = "." if opened.drill.ended else "; space continues from here."
    greeting = f"This is the end of run {run} of the check. < goes back{further}" if run else ""
    return replace(opened, paused=opened.lab is None, greeting=greeting)


def _opened(session: "Session") -> Opened:
    from sim.drill.instruments.subjects import prepare
    from sim.drill.session.bookmarks import bookmarks
    from sim.drill.session.stops import StopWatch, ending
    from sim.report.debrief import debrief, doing_nothing
    from sim.report.paper.facts import facts_of
    from sim.study.what_if.preview import preview
    from tui.painting.local_time import LocalTime
    from tui.playing.drill_language import DrillLanguage
    from tui.playing.rewinder import Rewinder

    scenario, mode = session.scenario, session.launch.get("mode")
    judged = mode not in {"exam", "free"}
    steps = _plan_steps(session)
    rewinder = Rewinder(session, steps)

    def close() -> None:
        rewinder.close()
        session.close()

    return Opened(
        drill=session,
        language=DrillLanguage(scenario.rules, scenario.organisation),
        local=LocalTime(scenario.starts_utc_ms, scenario.zone),
        mode=mode if mode in MODES else "guided",
        briefing=scenario.briefing,
        users=scenario.organisation.users,
        nothing=partial(doing_nothing, session),
        debrief=partial(debrief, session),
        facts=lambda nothing: facts_of(session, None, nothing),
        pages=partial(_pages, session) if session.journal_path is not None else None,
        lab=partial(_lab, session) if "lab" in session.launch else None,
        kept=str(session.journal_path or ""),
        close=close,
        prepare=prepare,
        watch=lambda wanted: StopWatch(session, wanted, judged=judged),
        plan_steps=steps,
        ending=partial(ending, session),
        stop_at=_stops_of(session),
        stops_at=lambda wanted: session.remark("stop-at", " ".join(sorted(wanted))),
        earlier=rewinder.earlier,
        follow=rewinder.follow,
        kept_moments=rewinder.kept,
        preview=lambda text: preview(session, text, rewinder.play_ahead),
        look_ahead=partial(_look_ahead, session),
        bookmarks=partial(bookmarks, session, judged=judged),
        bookmark=session.bookmark,
        branch_at=partial(_branch_at, session) if session.journal_path is not None else None,
        branch_of=_parent_of(session),
    )


def _plan_steps(session: "Session") -> "Callable[[Any], Sequence[PlanStepView]] | None":
    """The steps of the plan with which the drill began, for display; None without a plan."""
    if "plan" not in session.launch:
        return None
    from sim.study.rehearsal.kept_plan import plan_of
    from sim.study.rehearsal.steps_shown import steps_shown

    plan = plan_of(session)
    return None if plan is None else partial(steps_shown, plan)


def _stops_of(session: "Session") -> "tuple[StopAt, ...]":
    """The reasons to stop the clock that were set last."""
    last = next((text for kind, _t_ms, text in reversed(session.remarks) if kind == "stop-at"), "")
    known: tuple[StopAt, ...] = ("alert", "objective", "free")
    return tuple(one for one in known if one in last.split())


def _look_ahead(session: "Session", text: str) -> str:
    """Journal a preview; in an exam, their number is limited. Raises DiskFull."""
    from sim.study.what_if.preview import IN_AN_EXAM

    used = sum(kind == "look" for kind, _t_ms, _text in session.remarks)
    if session.launch.get("mode") == "exam" and used >= IN_AN_EXAM:
        return f"exam: all {IN_AN_EXAM} previews of this drill have been used"
    session.remark("look", text)
    return ""


def _pages(session: "Session", facts: "DebriefFacts") -> Path:
    """Write the debrief's files into a folder next to the journal; returns the facilitator's page."""
    from tui.shell.output_files import paper_texts, write_all

    journal = session.journal_path
    assert journal is not None  # only a saved drill has pages
    folder = journal.with_name(f"{journal.stem}-debrief")
    write_all(folder, paper_texts(session, facts, journal))
    return folder / "debrief.html"


def _branch_at(session: "Session", at_ms: int) -> Opened:
    """A branch of `session` at that time, saved next to it. Raises NoNewJournal, DiskFull."""
    from sim.drill.session.branch import Difference, branch
    from tui.shell.drill_files import branch_of

    journal = session.journal_path
    assert journal is not None  # only a saved drill has branches
    return replace(
        _opened(branch(session, journal, Difference(at_ms=at_ms), branch_of(journal))), paused=True
    )


def _parent_of(session: "Session") -> str:
    """The parent of a branch, and its beginning: `NAME at Wed 10:46`; empty for other drills."""
    if not session.parent:
        return ""
    return f"{session.parent['drill']} at {session.drill.clock(session.parent['t'])}"


def _lab(session: "Session", say: Callable[[str], None]) -> RealMail:
    from sim.live.lab import open_lab

    return open_lab(session, say=say)
