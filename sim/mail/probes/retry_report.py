"""The report of a probe of a sender's retry rule: times, sources and assumptions."""

from collections.abc import Mapping
from typing import Any

from sim.kernel.data_files import DataFiles
from sim.kernel.duration import parse_duration
from sim.kernel.frozen import frozen
from sim.mail.platforms.platform import BadSetting, Platform, load_platform, read_platform, shown
from sim.mail.platforms.platform_file import Sourced
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.probes.retry import ARRIVAL_MS, RetryProbe, grid_of, probe_retry

SCAN_PHASE = "scan_phase"


@frozen
class Report:
    """A probe with its sources. `bands`: the probe with each assumed schedule, for a platform whose real
    schedule is unpublished. `assumed`: the parameters in force that are assumptions.
    """

    platform: Platform
    probe: RetryProbe
    recovers_ms: int | None
    scan_phase_ms: int | None
    bands: Mapping[str, RetryProbe]
    sources: tuple[str, ...]
    assumed: tuple[str, ...]
    remarks: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The fields of `probe retry --json`; times are in seconds from the message's arrival in the
        queue.
        """
        probe = self.probe
        found: dict[str, Any] = {"platform": self.platform.id, "failure": probe.failure.value}
        found |= _times(probe)
        found["put_off_s"] = seconds(probe.put_off_ms)
        found["sources"] = list(self.sources)
        found["settings"] = shown(self.platform)
        if self.scan_phase_ms is not None:
            found["settings"][SCAN_PHASE] = f"{self.scan_phase_ms / 1000:g}s"
        found["assumed"] = list(self.assumed)
        found["bands"] = {name: _times(band) for name, band in self.bands.items()}
        found["remarks"] = list(self.remarks)
        return found


def _times(probe: RetryProbe) -> dict[str, Any]:
    return {
        "attempts_s": seconds(probe.attempts_ms),
        "delay_notice_s": seconds(probe.notices_ms),
        "bounce_s": None if probe.bounce_ms is None else probe.bounce_ms / 1000,
        "delivered_s": None if probe.delivered_ms is None else probe.delivered_ms / 1000,
    }


def seconds(times_ms: tuple[int, ...]) -> list[float]:
    """A time in ms as seconds."""
    return [time_ms / 1000 for time_ms in times_ms]


def report_on(
    files: DataFiles,
    platform_id: str,
    settings: Mapping[str, str],
    failure: AttemptFailure,
    recovers_ms: int | None = None,
    seed: int = 1,
) -> Report:
    """Probe `platform_id` under `settings`, which may include `scan_phase`. Raises BadSetting, TooLong."""
    own = {name: value for name, value in settings.items() if name != SCAN_PHASE}
    plain = load_platform(files, platform_id, own)
    phase_ms = _phase_ms(plain, settings.get(SCAN_PHASE), seed)
    platform = load_platform(files, platform_id, own, scan_phase_ms=ARRIVAL_MS + (phase_ms or 0))
    return Report(
        platform=platform,
        probe=probe_retry(platform, failure, recovers_ms),
        recovers_ms=recovers_ms,
        scan_phase_ms=phase_ms,
        bands=_bands(files, platform_id, own, failure, recovers_ms),
        sources=_sources(platform, failure),
        assumed=_assumed(platform, failure),
        remarks=_remarks(platform, own),
    )


def _phase_ms(platform: Platform, text: str | None, seed: int) -> int | None:
    """Time from arrival to the next scan; None for senders that do not scan."""
    if not platform.scans:
        if text is not None:
            names = ", ".join(platform.file.settable) or "none"
            raise BadSetting(
                f"{SCAN_PHASE}: {platform.id} does not scan its queue; its parameters are {names}"
            )
        return None
    interval_ms = grid_of(platform).interval_ms
    if text is None or not interval_ms:
        return interval_ms
    if text == "random":
        from sim.kernel.draws import mix_one  # numpy loads slowly and is rarely needed here

        return 1 + mix_one(seed, "probe scan phase") % interval_ms
    try:
        phase_ms = int(text) * 1000 if text.isdecimal() else parse_duration(text)
    except ValueError as error:
        raise BadSetting(f"{SCAN_PHASE}: {error}, or `random`") from None
    return phase_ms % interval_ms or interval_ms


def _bands(
    files: DataFiles,
    platform_id: str,
    settings: Mapping[str, str],
    failure: AttemptFailure,
    recovers_ms: int | None,
) -> dict[str, RetryProbe]:
    """The probe with each assumed schedule, unless the caller has chosen a schedule or given the gaps."""
    file = read_platform(files, platform_id)
    chooser = next((name for name, p in file.parameters.items() if p.role == "schedule"), None)
    if chooser is None or chooser in settings or "retry_gaps" in settings:
        return {}
    return {
        choice: probe_retry(
            load_platform(files, platform_id, {**settings, chooser: choice}), failure, recovers_ms
        )
        for choice in file.schedules
    }


def _used(platform: Platform, failure: AttemptFailure) -> list[tuple[str, Sourced]]:
    """The numbers that this probe uses; time-outs are included only where they apply."""
    idle = {"greeting_timeout", "null_lifetime", "concurrency", "initial_concurrency", "cohort_limit"}
    if failure is not AttemptFailure.TIMEOUT:
        idle |= {"connect_timeout", "kernel_timeout", "fast_open"}
    elif "fast_open" in platform.roles.named:
        idle.discard("greeting_timeout")  # it may end an attempt whose packets are dropped
    parameters = [(name, p) for name, p in platform.file.parameters.items() if p.role not in idle]
    return [*parameters, ("notice", platform.file.notice)]


def _sources(platform: Platform, failure: AttemptFailure) -> tuple[str, ...]:
    """`confidence: title, address` of each source used, in the file's order."""
    lines: dict[str, None] = {}
    for name, fact in _used(platform, failure):
        if name in platform.set_by_user:
            continue
        source = platform.file.sources[fact.source]
        lines[f"{fact.confidence}: {source.title}" + (f", {source.url}" if source.url else "")] = None
    if platform.set_by_user:
        lines[f"set by you: {', '.join(sorted(platform.set_by_user))}"] = None
    return tuple(lines)


def _assumed(platform: Platform, failure: AttemptFailure) -> tuple[str, ...]:
    used = _used(platform, failure)
    return tuple(n for n, fact in used if fact.confidence == "assumed" and n not in platform.set_by_user)


def _remarks(platform: Platform, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Settings given as bare numbers that the product itself would read in another unit."""
    return tuple(
        f"{name}={text} was read as seconds; {platform.name} reads a bare number here as {parameter.bare}"
        for name, text in settings.items()
        if (parameter := platform.file.parameters[name]).bare and text.isdecimal() and int(text)
    )
