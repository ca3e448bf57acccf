"""The reference is complete and current, and links between the pages lead somewhere."""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sim.drill.lint.json_schema import schemas

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.syspath_prepend(str(ROOT / "dev"))
    for name in ("architecture", "reference", "reference_files", "reference_lists", "reference_run"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    pages: dict[str, str] = import_module("reference").pages()
    return pages


def test_generated_pages_are_current(generated: dict[str, str]) -> None:
    for name, text in generated.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name}: run make reference"
    assert len(generated) == 10


def test_every_sub_command_and_its_options_are_documented() -> None:
    from tui.cli import SUMMARIES, module_of

    page = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    for name in SUMMARIES:
        section = page.partition(f"\n## mxdrill {name}\n")[2].partition("\n## ")[0]
        parser = argparse.ArgumentParser()
        import_module(module_of(name)).add(parser)
        options = {option for option in parser.format_help().split() if option.startswith("[--")}
        assert section, name
        assert [option for option in options if option.strip("[],") not in section] == [], name


def test_every_command_of_a_drill_is_documented() -> None:
    from sim.drill.commands.grammar import usage
    from sim.drill.commands.registry import COMMANDS

    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    for kind in COMMANDS:
        section = page.partition(f"\n## {' '.join(kind.words)}\n")[2].partition("\n## ")[0]
        assert f"```\n{usage(kind)}\n```" in section
        assert kind.facts.product.path.replace("|", "\\|") in section


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Dotted paths of all keys of a JSON document; `[]` stands for the members of a list."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from keys_of(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from keys_of(value[0], f"{path}[]")
    else:
        yield path


def documented(page: str) -> set[str]:
    """Paths in the first column of the page's tables; `.x` after `a.b` is `a.x`, directions stand for all."""
    found: set[str] = set()
    for line in page.splitlines():
        if not line.startswith("| `"):
            continue
        first = line.split(" | ")[0]
        stem = ""
        for name in re.findall(r"`([^`]+)`", first):
            full = stem + name if name.startswith(".") else name
            stem = full.rpartition(".")[0]
            found.add(full)
    return found


def test_every_key_of_the_json_of_run_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from sim.mail.accounts.ledger import ACCOUNTS
    from sim.mail.message.traffic import DIRECTIONS
    from tui.cli import main

    played = ["run", "exchange-down", "--runbook", "reference", "--set", "users=10", "--set", "outage=1h"]
    assert main([*played, "--range", "--band", "--json"]) == 0
    page = (REFERENCE / "run-json.md").read_text(encoding="utf-8")
    known = documented(page)
    others = [f".{direction}" for direction in DIRECTIONS[1:]]
    missing, found = [], set()
    for path in keys_of(json.loads(capsys.readouterr().out)):
        key = re.sub(r"^(ledger\.\w+|settings|band\[\]\.figures)\..*", r"\1", path)
        found |= {key, path}
        if not any(other in key for other in others) and key not in known:
            missing.append(key)
    assert missing == []
    assert set(ACCOUNTS) <= known
    told = documented(page.partition("\n## Accounts\n")[0])
    assert told - found == set(), "documented, and not there"


def test_every_column_of_the_series_is_documented() -> None:
    from sim.drill.session.series import SERIES

    section = (REFERENCE / "run-json.md").read_text(encoding="utf-8").partition("## The series")[2]
    assert {"t_s", *SERIES} <= documented(section)


def test_every_key_of_the_json_of_probe_dns_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from tui.cli import main

    asked = ["probe", "dns", "--resolver", "unbound", "--dead", "1h", "--draws", "9", "--json"]
    assert main(asked) == 0
    document = json.loads(capsys.readouterr().out)
    page = (REFERENCE / "probe-dns.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_]+)`", page))
    assert set(document) | set(document["dead_authority"]) | set(document["stale_s"]) <= named


@pytest.mark.parametrize(
    "page",
    [path for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_lead_to_a_page_and_a_heading(page: Path) -> None:
    lost = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.is_file() or (heading and heading not in headings(target)):
            lost.append(link)
    assert lost == []


def headings(page: Path) -> set[str]:
    """Anchors as forges make them of headings: small letters, blanks to hyphens, signs left out."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.strip().lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("folder", ["tutorial", "howto"])
def test_a_page_that_uses_the_command_says_first_how_to_get_it(folder: str) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / folder).glob("*.md")}
    late = [
        page.name
        for page, text in pages.items()
        if page.name != "install.md"
        and "\nmxdrill " in text.replace("\n   ", "\n")
        and not 0 <= text.find("install.md)") < text.replace("\n   ", "\n").find("\nmxdrill ")
    ]
    assert pages
    assert late == []


def test_the_page_on_installing_names_the_wheel_of_this_version() -> None:
    page = (ROOT / "docs" / "howto" / "install.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert set(re.findall(r"mxdrill-([\d.]+)-py3", page)) == {version}
    assert set(re.findall(r"@v([\d.]+\d)", page)) == {version}


def test_the_shipped_schemas_are_those_of_the_models() -> None:
    """To write them again: `mxdrill scenarios schema --write scenarios/schema`."""
    folder = ROOT / "scenarios" / "schema"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == schemas()
