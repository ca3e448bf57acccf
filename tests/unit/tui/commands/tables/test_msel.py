from pathlib import Path

import pytest

from sim.drill.session.load import load_scenario
from tui.cli import main


def test_a_list_goes_out_and_comes_back_as_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = Path("Monday's list.xlsx")
    assert main(["table", "msel", "gateway-slow", "-o", str(out), "--plays", "0"]) == 0
    assert "rows" in capsys.readouterr().out
    assert main(["table", "import", str(out)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "0 rows left out" in said.out
    made, shipped = load_scenario(str(out.with_suffix(".yaml").absolute())), load_scenario("gateway-slow")
    assert made.id == "monday-s-list"
    assert (set(made.injects), set(made.timeline)) == (set(shipped.injects), set(shipped.timeline))
    assert main(["table", "import", str(out)]) == 2
    assert "exists; name another file with -o" in capsys.readouterr().err


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("No,Time,Message\n1,soon,x\n", encoding="utf-8")
    for words, what in (
        (["msel", "exchange-down", "-o", "x.ods"], "write the name of a .csv or .xlsx file"),
        (["msel", "exchange-down", "-o", str(tmp_path / "x.csv"), "--plays", "-1"], "--plays -1"),
        (["msel", "exchange-down", "-o", str(tmp_path / "x.csv"), "--jobs", "0"], "--jobs 0"),
        (["msel", "-o", str(tmp_path / "x.csv")], "name a scenario, such as gateway-down, or give --played"),
        (
            ["msel", "--played", "x.jsonl", "--set", "users=1", "-o", "x.csv"],
            "--set: a saved exercise already has",
        ),
        (["import", str(bad)], "name the outage that the injects belong to with --like"),
        (["import", str(bad), "--like", "exchange-down"], "no row became an inject"),
        (["import", str(tmp_path / "none.csv")], "no such file"),
    ):
        assert main(["table", *words]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert what in lines[-1]
    bad.write_text("No,Time,Message\n1,soon,x\n2,09:30,y\n", encoding="utf-8")
    assert main(["table", "import", str(bad), "--like", "exchange-down"]) == 1
    assert f"{bad}:B2: 'soon' is not a time" in capsys.readouterr().err
    assert not list(tmp_path.glob(".draft*"))


def test_a_missing_extra_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    assert main(["table", "msel", "exchange-down", "-o", str(tmp_path / "x.xlsx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert 'pip install "mxdrill[table]"' in line
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    (tmp_path / "y.xlsx").write_bytes(b"PK\x03\x04")
    assert main(["table", "import", str(tmp_path / "y.xlsx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert 'pip install "mxdrill[table]"' in line
