"""The files of sending platforms, and the two commands that show them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sim.drill.lint.json_schema import schemas
from sim.kernel.document import BadFile, read_document
from sim.kernel.shipped_folder import shipped_folder
from sim.mail.platforms.platform import (
    BadSetting,
    load_platform,
    offsets_ms,
    platform_ids,
    read_platform,
)
from sim.mail.platforms.platform_file import PlatformFile
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.setting_notation import format_value, parse_value
from tests.shipped import FILES
from tui.cli import main

PLATFORMS = shipped_folder() / "platforms"
IDS = (
    "amazon-ses application broadcom courier exchange-edge exchange-online exchange-server exim gmail "
    "mailgun mimecast opensmtpd postfix proofpoint-essentials protonmail qmail rfc5321 sendgrid sendmail "
    "sparkpost"
)


def test_they_are_all_there() -> None:
    assert platform_ids(FILES) == tuple(IDS.split())


@pytest.mark.parametrize("name", IDS.split())
def test_a_file_is_complete(name: str) -> None:
    file = read_platform(FILES, name)
    assert file.id == name
    assert set(file.fallback) == {failure.value for failure in AttemptFailure}
    assert set(file.bounce_status) - {"greeting_4xx", "greeting_5xx"} == {
        "refused",
        "timeout",
        "defer",
        "reject",
    }
    assert set(file.sources) == {fact.source for _, fact in file.facts}
    for where, fact in file.facts:
        if fact.confidence == "measured":
            assert fact.source == "measured", where
        if fact.confidence == "rfc":
            assert file.sources[fact.source].title.startswith("RFC "), where
    chooser = [p for p in file.parameters.values() if p.role == "schedule"]
    assert {choice for p in chooser for choice in p.choices} == set(file.schedules)
    platform = load_platform(FILES, name)
    assert platform.attempt_ms(AttemptFailure.TIMEOUT) > 0
    assert platform.attempt_ms(AttemptFailure.SILENT) > 0
    assert platform.attempt_ms(AttemptFailure.REFUSED) == 0


@pytest.mark.parametrize("name", IDS.split())
def test_every_value_survives_being_shown_and_set_again(name: str) -> None:
    platform = load_platform(FILES, name)
    for key, parameter in platform.file.parameters.items():
        assert parse_value(parameter, format_value(parameter, platform.values[key])) == platform.values[key]
        again = {key: str(parameter.value)}
        if parameter.fixed:
            with pytest.raises(BadSetting, match="cannot be set"):
                load_platform(FILES, name, again)
        elif parameter.role != "schedule":
            assert load_platform(FILES, name, again).values == platform.values


def test_the_schema_is_current() -> None:
    schema = (PLATFORMS.parent / "schema" / "platform.schema.json").read_text(encoding="utf-8")
    assert schema == schemas()["platform.schema.json"], (
        "run: mxdrill scenarios schema --write scenarios/schema"
    )
    paths = sorted(PLATFORMS.glob("*.yaml"))
    assert {path.stem for path in paths} >= set(IDS.split())
    for path in paths:
        assert path.read_text(encoding="utf-8").startswith(
            "# yaml-language-server: $schema=../schema/platform."
        )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: postconf,", "source: nowhere,", "names the source 'nowhere'; add it under `sources`"),
        ("confidence: vendor", "confidence: rumour", "'vendor', 'rfc', 'measured', 'derived' or 'assumed'"),
        ("role: scan", "role: lifetime", "two parameters have the role 'lifetime'"),
        ("retry: aged-backoff", "retry: often", "`retry` is 'often'"),
        ("mxdrill: 1", "mxdrill: 2", "`mxdrill` is 2"),
        ("what: mail server", "wat: mail server", "did you mean `what`?"),
    ],
)
def test_a_mistake_in_a_file_is_told_in_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (PLATFORMS / "postfix.yaml").read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        read_document(broken, PlatformFile)
    assert any(message in line for line in caught.value.lines)
    assert all(line.startswith(f"{broken}:") for line in caught.value.lines)


def test_offsets_exist_only_where_they_depend_on_the_message_alone() -> None:
    assert offsets_ms(load_platform(FILES, "mimecast"), 3_600_000) == (
        0,
        60_000,
        360_000,
        900_000,
        1_800_000,
        3_600_000,
    )
    assert offsets_ms(load_platform(FILES, "application"), 10**9) == (0,)
    with pytest.raises(ValueError, match="postfix is of kind aged-backoff"):
        offsets_ms(load_platform(FILES, "postfix"), 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["posfix"], "no platform 'posfix'; did you mean postfix?"),
        (["postfix", "--set", "minimal_backof_time=2s"], "did you mean minimal_backoff_time?"),
        (["postfix", "--set", "minimal_backoff_time=2 weeks"], "write a number with a unit"),
        (["postfix", "--set", "minimal_backoff_time=0"], "is too small; write 1s or more"),
        (["postfix", "--set", "minimal_backoff_time"], "not NAME=VALUE"),
        (["postfix", "--set", "maximal_queue_lifetime=99999d"], "more than a century"),
        (["postfix", "--set", "scan_phase=soon"], "scan_phase: 'soon' is not a duration"),
        (["postfix", "--for", "-3h"], "--for"),
        (
            ["mimecast", "--set", "scan_phase=5m"],
            "mimecast does not scan its queue; its parameters are retry_gaps,",
        ),
        (["mimecast", "--set", "expiry=sometimes"], "not one of at-limit, next-attempt"),
        (["mimecast", "--set", "retry_gaps=1m 0s"], "'0s' is not a gap"),
        (["exim", "--set", "retry=F,2h"], "F,<cutoff>,<interval>"),
        (["exim", "--set", "retry=F,2h,15m; F,1h,15m"], "not later than that of"),
        (["exim", "--set", "retry=H,2h,15m,2"], "H draws its gaps at random and is not modelled"),
        (["opensmtpd", "--set", "retry_root=5"], "cannot be set in OpenSMTPD; choose from ttl,"),
        (["courier", "--set", "retrybeta=many"], "'many' is not a count; write a whole number such as 3"),
        (["exchange-server", "--set", "MessageRetryInterval=15"], None),
        (["exchange-server", "--set", "MessageRetryInterval=0:5"], "not a time span; write 00:15:00"),
        (["application", "--set", "tries=2"], "connect_timeout"),
        (["sendmail", "--set", "queue_interval=1s", "--set", "Timeout.queuereturn=90d"], "more than 200000"),
    ],
)
def test_wrong_names_and_values_say_what_exists(
    arguments: list[str], message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["probe", "retry", *[f"--for={a}" if a == "-3h" else a for a in arguments if a != "--for"]])
    told = capsys.readouterr().err
    if message is None:
        assert status == 0
        return
    assert status == 2
    assert message in told
    assert len(told.splitlines()) == 1


def test_probe_retry_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "retry", "mailgun", "--defer", "--for", "50m", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["platform"] == "mailgun"
    assert found["attempts_s"] == [0, 600, 1500, 3300]
    assert (found["delivered_s"], found["bounce_s"], found["delay_notice_s"]) == (3300, None, [])
    assert any(source.startswith("vendor: Will Mailgun retry") for source in found["sources"])
    assert found["assumed"] == ["expiry"]


def test_probe_retry_takes_a_scan_phase_and_echoes_what_is_in_force(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = [
        "--set",
        "scan_phase=70s",
        "--set",
        "maximal_queue_lifetime=1",
        "--set",
        "minimal_backoff_time=300",
    ]
    assert main(["probe", "retry", "postfix", "--json", *settings]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["attempts_s"] == [0, 370]
    assert found["bounce_s"] == 370
    assert found["settings"]["scan_phase"] == "70s"
    assert found["settings"]["maximal_queue_lifetime"] == "1s"
    assert found["remarks"] == [
        "maximal_queue_lifetime=1 was read as seconds; Postfix reads a bare number here as days"
    ]


def test_probe_retry_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "retry", "postfix", "--set", "delay_warning_time=4h", "--for", "12h"]) == 0
    text = capsys.readouterr().out
    assert "delay notice after 4 h 50 min" in text
    assert "delivered after 13 h" in text
    assert (
        "source    vendor: Postfix configuration parameters, https://www.postfix.org/postconf.5.html" in text
    )


def test_platforms_list_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["platforms", "list", "--json"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(IDS.split())
    assert rows["mailgun"]["gives_up_s"] == 28_800
    assert rows["postfix"]["assumed_share"] == 0.029, "the round trip of a refused connection"
    assert main(["platforms", "show", "exim", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parameters"]["retry"]["value"] == "F,2h,15m; G,16h,1h,1.5; F,4d,6h"
    assert main(["platforms", "show", "gmail"]) == 0
    assert "retry_gaps = 5m 10m 20m 40m 1h 2h 4h   [assumed: assumption]" in capsys.readouterr().out
    assert main(["platforms", "show", "sendmail"]) == 0
    assert "dangling_mx: wait, status 4.4.3   [measured: measured]" in capsys.readouterr().out
    assert main(["platforms", "show", "nobody"]) == 2
    assert "choose from amazon-ses," in capsys.readouterr().err


def test_probe_retry_loads_no_screen_no_engine_and_no_arrays() -> None:
    code = (
        "import sys; from tui.cli import main; main(['probe', 'retry', 'postfix', '--json']);"
        "print([m for m in ('textual', 'rich', 'simpy', 'numpy') if m in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"
