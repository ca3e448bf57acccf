"""A debrief as plain text, for a terminal, a pipe or a screen reader."""

from sim.kernel.duration import HOUR_MS
from sim.report.debrief import Debrief
from sim.report.outcome import Outcome

MARK = {"met": "met", "failed": "FAILED", "late": "late", "missed": "missed", "open": "open"}


def debrief_text(told: Debrief) -> str:
    """The whole debrief, some 60 lines."""
    lines = [
        f"EXERCISE  {told.title}  (seed {told.seed})",
        "",
        "When        T+onset  Who                 What",
    ]
    lines += [
        f"{line.local:<10}  {line.elapsed:>7}  {line.who[:18]:<18}  {'> ' * line.decision}{line.text}"
        for line in told.timeline
    ]
    lines += ["", *comparison(told.outcome, told.nothing), ""]
    lines += [f"{MARK[verdict.state]:<7} {verdict.id}: {learns}" for verdict, learns in told.verdicts]
    lines += [
        "",
        *(f"- {finding}" for finding in told.findings),
        "",
        told.assumed,
        "",
        f"digest {told.digest}",
    ]
    return "\n".join(lines)


def comparison(did: Outcome, nothing: Outcome) -> list[str]:
    """Figures of the play beside those of doing nothing, as aligned lines."""
    rows = [
        ("drill lasted", _hours(did.at_ms), _hours(nothing.at_ms)),
        ("inbound messages", f"{did.generated:,}", f"{nothing.generated:,}"),
        ("delivered", f"{did.delivered:,}", f"{nothing.delivered:,}"),
        ("still queued", f"{did.queued:,}", f"{nothing.queued:,}"),
        ("bounced", f"{did.bounced:,}", f"{nothing.bounced:,}"),
        ("too late to be of use", f"{did.late:,}", f"{nothing.late:,}"),
        ("longest delay", _hours(did.longest_delay_ms), _hours(nothing.longest_delay_ms)),
        ("backlog after the return", _hours(did.drained_after_ms), _hours(nothing.drained_after_ms)),
        (
            "user-hours without mail",
            f"{did.user_hours_without_mail:,.0f}",
            f"{nothing.user_hours_without_mail:,.0f}",
        ),
        ("calls to the helpdesk", f"{did.calls:,}", f"{nothing.calls:,}"),
    ]
    head = f"{'':<26}{'this play':>12}{'doing nothing':>16}"
    return [head, *(f"{name:<26}{mine:>12}{theirs:>16}" for name, mine, theirs in rows)]


def _hours(span_ms: int | None) -> str:
    if span_ms is None:
        return "not over"
    return f"{span_ms // HOUR_MS} h {span_ms % HOUR_MS // 60_000:02d}"
