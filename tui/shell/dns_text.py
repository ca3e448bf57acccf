"""A probe of DNS caches as text: a small table, the curve, sources and assumptions."""

from sim.kernel.duration import in_words
from sim.mail.probes.dns import DeadAuthority, DnsProbe
from sim.mail.probes.dns_report import assumed, remarks, settings, sources

WIDTH = 50
_ROWS = {"p50": "half of the caches have moved", "p95": "95 % have moved", "max": "all have moved"}
_ROWS_ASKED = {
    "p50": "half have been queried and moved",
    "p95": "95 % have",
    "max": "all but 1 of 10,000 have (max)",
}
"""Rows of the table for caches that are queried only now and then: each cache gets the new answer at its
first query after the old one has expired.
"""


def lines(probe: DnsProbe) -> list[str]:
    """The lines that `mxdrill probe dns` prints."""
    seldom = probe.question.gap_ms > 0
    rows = _ROWS_ASKED if seldom else _ROWS
    old = "queries at that time that get" if seldom else "caches that give"
    return [
        _title(probe),
        "",
        *(f"  {text:<30} {_after(probe.stale_ms[name])}" for name, text in rows.items()),
        "",
        *(["  a cache moves at the first query after its old answer has expired:", ""] if seldom else []),
        f"  after the change      {old} the old answer",
        *_curve(probe),
        *_dead(probe),
        "",
        *_settings(probe),
        *(f"remark    {text}" for text in remarks(probe)),
        *(f"differs   {text}" for text in _contradictions(probe)),
        *(f"assumed   {text}" for text in assumed(probe) or ["nothing"]),
        *(f"source    {text}" for text in sources(probe)),
    ]


def _title(probe: DnsProbe) -> str:
    question = probe.question
    name = probe.resolvers[0].name if len(probe.resolvers) == 1 else "a mix of resolvers"
    what = f"{question.rrtype} record" if question.was.value == "record" else f"answer {question.was.value}"
    asked = (
        f"queried every {in_words(question.gap_ms)} on average" if question.gap_ms else "queried all the time"
    )
    return f"{name}: {what}, TTL {in_words(question.ttl_ms)}, {asked}; changed at 0"


def _after(time_ms: int) -> str:
    return f"after {in_words(_rounded(time_ms))}" if time_ms else "at once"


def _rounded(time_ms: int) -> int:
    """`time_ms` for a reader, rounded up: to seconds from one minute, to minutes from one day."""
    step = 60_000 if time_ms >= 86_400_000 else 1_000 if time_ms >= 60_000 else 1
    return -(-time_ms // step) * step


def _curve(probe: DnsProbe) -> list[str]:
    rows = []
    for t_ms, share in probe.curve:
        bar = "█" * round(share * WIDTH) or ("▏" if share else "")
        rows.append(f"  {in_words(_rounded(t_ms)):>12}  {share:>7.1%}  {bar}")
    return rows


def _dead(probe: DnsProbe) -> list[str]:
    if probe.dead is None or probe.question.dead_ms is None:
        return []
    back = probe.question.dead_ms
    early, late = (in_words(_rounded(t - back)) for t in probe.dead.again_ms)
    return [
        "",
        f"  authority dead for {in_words(back)}:",
        f"    {_answers_meanwhile(probe.dead, back)}",
        f"    fresh answers again {early} to {late} after its recovery",
    ]


def _answers_meanwhile(dead: DeadAuthority, dead_ms: int) -> str:
    """The answers of the caches while the authority is dead, and the time until which each kind of answer
    is given.
    """

    def end(t_ms: int) -> str:
        return "its recovery" if t_ms >= dead_ms else in_words(_rounded(t_ms))

    if not dead.last_ms:
        return "no cached answers: queries fail at once"
    parts: tuple[str, ...]
    unexpired, last = end(dead.unexpired_ms), end(dead.last_ms)
    failing = "then queries fail" if dead.last_ms < dead_ms else ""
    if dead.stale:
        parts = (
            f"unexpired answers until {unexpired} at the latest",
            f"expired answers until {last}",
            failing,
        )
    else:
        failing = failing or "queries fail where the answer expires before"
        parts = (f"cached answers until {last} at the latest", failing)
    return "; ".join(filter(None, parts))


def _settings(probe: DnsProbe) -> list[str]:
    found = settings(probe)
    return ["settings  " + "  ".join(f"{name}={value!r}" for name, value in found.items())] if found else []


def _contradictions(probe: DnsProbe) -> tuple[str, ...]:
    return probe.resolvers[0].file.contradictions if len(probe.resolvers) == 1 else ()
