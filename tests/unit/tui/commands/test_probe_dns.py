"""`mxdrill probe dns` and `mxdrill resolvers`: the contract, and one line for each mistake."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.mail.dns.resolver import load_resolver, read_resolver, resolver_ids
from tests.shipped import FILES
from tui.cli import main

ROOT = Path(__file__).parents[4]
IDS = {
    "unbound", "bind", "powerdns", "knot", "dnsmasq", "systemd-resolved", "windows", "google", "cloudflare",
    "quad9", "opendns", "stretcher",
}  # fmt: skip


def probe(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["probe", "dns", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    found = probe(capsys, "--ttl", "3600", "--resolver", "unbound")
    assert found["resolver"] == "unbound"
    assert found["ttl_s"] == 3600
    assert found["stale_s"] == {"p50": 1800, "p95": 3420, "max": 3600}
    assert found["curve"][0] == [0, 1.0]
    assert found["curve"][10] == [1800, 0.5]
    assert found["curve"][-1] == [3600, 0.0]
    assert any("unbound.conf" in source for source in found["sources"])
    assert found["assumed"] == []


@pytest.mark.parametrize("resolver_id", [*sorted(IDS), "mix"])
def test_every_resolver_answers_in_both_forms(capsys: pytest.CaptureFixture[str], resolver_id: str) -> None:
    found = probe(capsys, "--resolver", resolver_id, "--ttl", "5m")
    stale = found["stale_s"]
    assert stale["p50"] <= stale["p95"] <= stale["max"]
    shares = [share for _, share in found["curve"]]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0
    assert main(["probe", "dns", "--resolver", resolver_id]) == 0
    assert "caches that give the old answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "longest_s"),
    [
        (("--resolver", "unbound", "--set", "cache-max-ttl=60"), 60),
        (("--resolver", "unbound", "--set", "cache-min-ttl=2h"), 7200),
        (("--resolver", "unbound", "--set", "prefetch=yes"), 3240),
        (("--resolver", "bind"), 3598),
        (("--resolver", "bind", "--set", "prefetch=0"), 3600),
        (("--resolver", "bind", "--set", "min-cache-ttl=600", "--ttl", "10"), 88),
        (("--resolver", "powerdns", "--set", "max-cache-ttl=5"), 15),
        (("--resolver", "powerdns", "--set", "recordcache.max_ttl=20"), 20),
        (("--resolver", "knot", "--ttl", "1"), 5),
        (("--resolver", "dnsmasq"), 0),
        (("--resolver", "dnsmasq", "--type", "A"), 3600),
        (("--resolver", "dnsmasq", "--set", "cache-rr=TXT,MX"), 3600),
        (("--resolver", "dnsmasq", "--set", "cache-rr=ANY", "--set", "max-cache-ttl=9"), 9),
        (("--resolver", "systemd-resolved", "--ttl", "1d"), 7200),
        (("--resolver", "systemd-resolved", "--set", "Cache=no"), 0),
        (("--resolver", "windows", "--was", "nodata"), 900),
        (("--resolver", "dnsmasq", "--was", "nxdomain", "--set", "no-negcache=yes"), 0),
        (("--resolver", "google", "--ttl", "1d", "--flush", "10m"), 600),
        (("--resolver", "unbound", "--ttl", "300", "--lowered-from", "3600", "--lead", "1h"), 300),
    ],
)
def test_how_long_the_last_cache_is_stale(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], longest_s: int
) -> None:
    assert probe(capsys, *words)["stale_s"]["max"] == longest_s


def test_a_rarely_asked_name(capsys: pytest.CaptureFixture[str]) -> None:
    found = probe(capsys, "--resolver", "unbound", "--ttl", "3600", "--rate", "0.0001")
    assert found["curve"][0][1] == pytest.approx(0.36 / 1.36, abs=1e-6)
    assert found["stale_s"]["p50"] == 0, "most caches hold nothing"
    assert found["stale_s"]["p95"] > 3600, "the others until the first question after expiry"


def test_a_rarely_asked_name_s_text_says_what_its_two_tables_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["probe", "dns", "--resolver", "bind", "--ttl", "3600"]
    assert main([*asked, "--rate", "0.001"]) == 0
    out = capsys.readouterr().out
    assert "half have been queried and moved after 36 min 27 s" in out
    assert "all but 1 of 10,000 have (max) after" in out
    assert out.index("a cache moves at the first query after") < out.index(
        "queries at that time that get the old"
    )
    assert main(asked) == 0
    assert "all have moved                 after " in (out := capsys.readouterr().out)
    assert "caches that give the old answer" in out


def test_drawn_percentiles_follow_the_seed_and_the_exact_ones(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--resolver", "unbound", "--draws", "20000")
    first, again = probe(capsys, *words, "--seed", "5"), probe(capsys, *words, "--seed", "5")
    other = probe(capsys, *words, "--seed", "6")
    assert first == again
    assert first["stale_s"] != other["stale_s"]
    assert first["stale_s"]["p50"] == pytest.approx(1800, rel=0.03)
    assert first["stale_s"]["max"] <= 3600


def test_a_dead_authority(capsys: pytest.CaptureFixture[str]) -> None:
    plain = probe(capsys, "--resolver", "powerdns", "--ttl", "60", "--dead", "40s")["dead_authority"]
    assert plain["last_answer_s"] == 40
    assert plain["answers_again_s"][0] == 20
    assert 115 < plain["answers_again_s"][1] <= 120
    stale = probe(
        capsys, "--resolver", "unbound", "--set", "serve-expired=yes", "--ttl", "60", "--dead", "2d"
    )
    assert stale["dead_authority"]["last_answer_s"] == 60 + 86_400
    assert stale["dead_authority"]["old_answers_meanwhile"] is True
    words = ("--set", "serve-expired=yes", "--set", "serve-expired-ttl=0", "--ttl", "60", "--dead", "9d")
    endless = probe(capsys, "--resolver", "unbound", *words)
    assert endless["dead_authority"]["last_answer_s"] == 9 * 86_400


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "--dead 40s",
            "cached answers until its recovery at the latest; queries fail where the answer expires before",
        ),
        ("--set cache-max-ttl=0 --dead 6h", "no cached answers: queries fail at once"),
        ("--dead 6h", "cached answers until 1 h at the latest; then queries fail"),
        (
            "--dead 6h --set serve-expired=yes",
            "unexpired answers until 1 h at the latest; expired answers until its recovery",
        ),
        (
            "--dead 2d --set serve-expired=yes --set serve-expired-client-timeout=0",
            "unexpired answers until 1 h at the latest; expired answers until 25 h; then queries fail",
        ),
    ],
)
def test_what_is_served_while_the_authority_is_dead(
    capsys: pytest.CaptureFixture[str], words: str, line: str
) -> None:
    assert main(["probe", "dns", "--resolver", "unbound", *words.split()]) == 0
    assert f"    {line}" in capsys.readouterr().out.splitlines()


def test_the_how_to_shows_what_probe_dns_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/howto/watch-dns-propagation.md").read_text()
    blocks = [block.splitlines() for block in page.split("\n```\n") if block.startswith("mxdrill probe dns")]
    assert len(blocks) == 2
    for command, *lines in blocks:
        assert main(command.split()[1:]) == 0
        assert "\n".join(lines) in capsys.readouterr().out


def test_expired_answers_without_end_have_a_curve_that_ends(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--set", "cache-rr=MX", "--set", "use-stale-cache=0", "--rate", "0.01")
    found = probe(capsys, "--resolver", "dnsmasq", *words)
    assert found["curve"][0] == [0, 1.0]
    assert found["curve"][-1] == [3600 + 20 * 100, 0.0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--resolver", "bindd"), "unknown resolver 'bindd'; choose from bind, "),
        (("--resolver", "bind", "--set", "cache-max-ttl=5"), "choose from max-cache-ttl, "),
        (("--resolver", "google", "--set", "x=5"), "it has no settings that you can change"),
        (("--resolver", "bind", "--set", "max-cache-ttl=soon"), "max-cache-ttl: 'soon' is not a time; write"),
        (("--resolver", "bind", "--set", "max-cache-ttl=-5"), "max-cache-ttl: '-5' is not a time"),
        (("--resolver", "bind", "--set", "prefetch=often"), "write trigger and eligibility: 2 9"),
        (("--resolver", "unbound", "--set", "prefetch=maybe"), "prefetch: 'maybe' is not yes or no"),
        (("--resolver", "unbound", "--set", "prefetch"), "not NAME=VALUE"),
        (("--resolver", "powerdns", "--set", "refresh-on-ttl-perc=200"), "the limit is 99"),
        (("--resolver", "systemd-resolved", "--set", "Cache=some"), "is not one of yes, no, no-negative"),
        (("--ttl", "5 minutes"), "--ttl: '5 minutes' is not a time"),
        (("--ttl", "3000000000"), "--ttl: '3000000000' is too long; the longest time is 2147483647 seconds"),
        (("--dead", "99999999999d"), "--dead: '99999999999d' is too long; the longest time is 2147483647 s"),
        (("--dead", "40000d"), "--dead: '40000d' is too long; the longest time is 2147483647 seconds"),
        (("--flush", "9" * 5000), "--flush: '999999999999999…' is too long; the longest time is"),
        (("--rate", "0"), "--rate 0: not a number of queries per second"),
        (("--rate", "nan"), "--rate nan: not a number"),
        (("--set", "a=b"), "mix does not take --set"),
        (
            ("--resolver", "bind", "--flush", "1h"),
            "bind has no public flush page; these do: cloudflare, google",
        ),
        (("--resolver", "bind", "--lead", "1h"), "write both or neither"),
        (("--dead", "1h"), "choose it with --resolver"),
        (("--draws", "-1"), "--draws -1: write a number from 1"),
        (("--type", "M X"), "not a record type"),
        (("--type", "FOO"), "--type FOO: not a record type; write one such as MX, A or TXT"),
        (("--type", "ANY"), "--type ANY: not a record type"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert main(["probe", "dns", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert told.err.count("\n") == 1


def test_resolvers_list_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(resolver_ids(FILES)) == IDS
    assert main(["resolvers", "list", "--json"]) == 0
    assert {row["id"] for row in json.loads(capsys.readouterr().out)} == IDS
    assert main(["resolvers", "list"]) == 0
    assert "not cached" in capsys.readouterr().out
    for name in (*sorted(IDS), "mix"):
        assert main(["resolvers", "show", name]) == 0
        assert "sources" in capsys.readouterr().out
        assert main(["resolvers", "show", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["id"] == name
    for words in (("show",), ("show", "nobody"), ("list", "bind")):
        assert main(["resolvers", *words]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_every_setting_takes_its_own_default() -> None:
    for resolver_id in resolver_ids(FILES):
        given = {name: str(s.value) for name, s in read_resolver(FILES, resolver_id).settings.items()}
        assert load_resolver(FILES, resolver_id, given).policies == load_resolver(FILES, resolver_id).policies
