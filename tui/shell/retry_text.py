"""A probe of a retry rule as text: a table of attempts, a timeline, sources and assumptions."""

from sim.kernel.duration import format_duration, in_words
from sim.kernel.quantities import counted
from sim.mail.platforms.platform import shown
from sim.mail.probes.retry_report import Report

MOST_ROWS = 24
WIDTH = 72

_WAYS = {
    "refused": "refuses connections",
    "timeout": "drops packets",
    "defer": "defers the recipient (451)",
    "reject": "rejects the recipient (550)",
}


def lines(report: Report) -> list[str]:
    """The lines that `mxdrill probe retry` prints."""
    probe, platform = report.probe, report.platform
    lasting = "indefinitely" if report.recovers_ms is None else f"for {in_words(report.recovers_ms)}"
    return [
        f"{platform.name}: one message to a destination that {_WAYS[probe.failure.value]} {lasting}",
        "",
        *_table(report),
        "",
        _outcome(report),
        *_timeline(report),
        *_bands(report),
        "",
        "settings  " + "  ".join(f"{name}={value!r}" for name, value in _settings(report).items()),
        *(f"remark    {remark}" for remark in report.remarks),
        *(f"differs   {text}" for text in platform.file.contradictions),
        "assumed   " + (", ".join(report.assumed) or "nothing"),
        *(f"source    {source}" for source in report.sources),
    ]


def _settings(report: Report) -> dict[str, str]:
    settings = shown(report.platform)
    if report.scan_phase_ms is not None:
        settings["scan_phase"] = format_duration(report.scan_phase_ms)
    return settings


def _table(report: Report) -> list[str]:
    attempts = report.probe.attempts_ms
    what = "RCPT" if not report.probe.failure.of_host else "connection"
    rows = [f"{what:>10}  {'after':>14}  {'gap':>12}  seconds"]
    before = 0
    for number, at_ms in enumerate(attempts, start=1):
        if number <= MOST_ROWS - 4 or number > len(attempts) - 3:
            gap = in_words(at_ms - before) if number > 1 else "-"
            rows.append(f"{number:>10}  {in_words(at_ms):>14}  {gap:>12}  {at_ms / 1000:g}")
        elif number == MOST_ROWS - 3:
            rows.append(f"{'…':>10}  {len(attempts) - MOST_ROWS + 1} more; --json has them all")
        before = at_ms
    return rows


def _outcome(report: Report) -> str:
    probe = report.probe
    parts = [counted(len(probe.attempts_ms), "attempt")]
    if probe.put_off_ms:
        parts.append(f"{counted(len(probe.put_off_ms), 'time')} deferred without a connection")
    parts += [f"delay notice after {in_words(at_ms)}" for at_ms in probe.notices_ms]
    if probe.delivered_ms is not None:
        parts.append(f"delivered after {in_words(probe.delivered_ms)}")
    if probe.bounce_ms is not None:
        parts.append(_end(report, probe.bounce_ms))
    return "; ".join(parts)


def _end(report: Report, bounce_ms: int) -> str:
    after = f"after {in_words(bounce_ms)}" if bounce_ms else "at once"
    if report.platform.kind == "never":
        return f"lost {after}: the application gets an error, and no bounce is sent"
    cause = {"refused": "refused", "timeout": "timeout", "reject": "reject"}.get(
        report.probe.failure.value, "defer"
    )
    status = next(fact.value for name, fact in report.platform.file.bounce_status.items() if name == cause)
    told = {"none": "without a status code", "the reply's own": "with the reply's own status"}
    return f"bounce {after}, {told.get(status, f'status {status}')}"


def _timeline(report: Report) -> list[str]:
    """Attempts, notices and the end on one line, scaled to the message's whole life."""
    probe = report.probe
    ends = [*probe.attempts_ms, *probe.notices_ms, probe.bounce_ms or 0, probe.delivered_ms or 0]
    span_ms = max(ends)
    if not span_ms:
        return []
    cells = ["·"] * (WIDTH + 1)
    for marks, sign in (
        (probe.attempts_ms, "|"),
        (probe.notices_ms, "n"),
        ((probe.bounce_ms,), "B"),
        ((probe.delivered_ms,), "D"),
    ):
        for at_ms in marks:
            if at_ms is not None:
                cells[at_ms * WIDTH // span_ms] = sign
    return [
        "",
        "".join(cells),
        f"0{in_words(span_ms):>{WIDTH}}",
        "| attempt   n delay notice   B bounce   D delivered",
    ]


def _bands(report: Report) -> list[str]:
    """The results of the probe with each assumed schedule."""
    if not report.bands:
        return []
    rows = ["", "the schedule is unpublished; with each assumed schedule:"]
    for name, band in report.bands.items():
        end_ms = band.delivered_ms if band.delivered_ms is not None else band.bounce_ms
        end = "delivered" if band.delivered_ms is not None else "bounce"
        rows.append(f"  {name:<12} {len(band.attempts_ms):>4} attempts, {end} after {in_words(end_ms or 0)}")
    return rows
