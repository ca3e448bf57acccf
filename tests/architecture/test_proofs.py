"""The tests that docs/explanation/engine.md names as proofs exist, and run."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROOF = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def proofs() -> list[tuple[str, str]]:
    page = (ROOT / "docs/explanation/engine.md").read_text(encoding="utf-8")
    section = page.partition("\n## What proves it\n")[2].partition("\n## ")[0]
    return [(path, name) for path, name in PROOF.findall(section) if "architecture/test_proofs" not in path]


def test_every_proof_that_is_named_is_a_test() -> None:
    assert len(proofs()) > 30
    for path, name in proofs():
        text = (ROOT / path).read_text(encoding="utf-8")
        wanted = rf"^(async )?def {name}\(|^{name} = " if name else r"^(async )?def test_"
        assert re.search(wanted, text, re.MULTILINE), f"{path}::{name}"
        assert not re.search(r"pytest\.mark\.(skip|xfail)\b", text), f"{path} does not run"


def test_every_promise_names_one() -> None:
    page = (ROOT / "docs/explanation/engine.md").read_text(encoding="utf-8")
    section = page.partition("\n## What proves it\n")[2].partition("\n## ")[0]
    promises = re.split(r"^\*\*", section, flags=re.MULTILINE)[1:]
    assert len(promises) > 12
    assert [one for one in promises if not PROOF.search(one)] == []
