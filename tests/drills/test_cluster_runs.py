"""`mxdrill check` on a Dask cluster of two workers over TLS: the same document whatever happens."""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.kernel.user_mistake import Mistake
from sim.study import proven_runs
from sim.study.check import Play, check
from sim.study.documents.check_json import check_document
from sim.study.one_run import Study
from sim.study.proven_runs import canary_of, unlike
from sim.study.workers import Serial, Workers
from tests.plans import loaded, written
from tui.cli import main
from tui.shell.checking import cluster
from tui.shell.checking.cluster import Cluster, ClusterAt, require_safe
from tui.shell.command_mistake import CommandMistake

PLAN = """\
people: [{ role: lead }]
steps:
  - { id: declare, owner: lead, takes: 10m..50m, manual: Declare, fails: 20%, on failure: { again: 1 } }
assumptions: [{ id: even, to: declare.done, within: 30m, with: 50% }]
"""
RUNS = 12


@dataclass(frozen=True)
class TwoWorkers:
    """A cluster of this machine, with certificates of its own."""

    at: ClusterAt
    cluster: Any

    @property
    def argv(self) -> list[str]:
        words = ["--cluster", self.at.address, "--tls-ca", str(self.at.ca)]
        return [*words, "--tls-cert", str(self.at.certificate), "--tls-key", str(self.at.key)]

    def kill_one(self) -> None:
        os.kill(next(iter(self.cluster.workers.values())).pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoWorkers]:
    from distributed import LocalCluster, Security

    folder = tmp_path_factory.mktemp("certificates")
    secret: Any = Security.temporary()  # type: ignore[no-untyped-call]
    paths = []
    for name in ("tls_ca_file", "tls_client_cert", "tls_client_key"):
        pem = getattr(secret, name)
        paths.append(folder / name)
        paths[-1].write_text(pem if isinstance(pem, str) else pem[0], encoding="ascii")
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2,
        threads_per_worker=1,
        security=secret,
        protocol="tls://",
        host="127.0.0.1",
        scheduler_port=0,
        dashboard_address=None,
        silence_logs=50,
    ) as one:
        yield TwoWorkers(ClusterAt(one.scheduler_address, *paths), one)


def document(study: Study, play: Play) -> dict[str, Any]:
    """The document but for its times."""
    return check_document(check(study, play, RUNS), 0.0, 0.0)


def test_one_process_a_pool_and_a_cluster_that_loses_a_worker_give_one_document(
    two: TwoWorkers, tmp_path: Path
) -> None:
    study = Study(loaded(tmp_path, PLAN, until="3h", users=10), 3)
    alone = document(study, Serial())
    with Workers(2) as pool:
        assert document(study, pool) == alone
    counted: list[int] = []

    def told(count: int) -> None:
        if not counted:
            two.kill_one()
        counted.append(count)

    with Cluster(two.at, told) as workers:
        assert document(study, workers) == alone
    assert sum(counted) == RUNS, "no run counts twice"


def test_the_command_line_prints_it_too(
    two: TwoWorkers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(written(tmp_path, PLAN, until="3h", users=10))
    found = []
    for more in (two.argv, ["--jobs", "1"]):
        assert main(["check", path, "--runs", "4", "--json", *more]) == 3
        found.append(json.loads(capsys.readouterr().out) | {"wall_s": 0, "cpu_s": 0})
    assert found[0] == found[1]
    assert main(["check", path, "--runs", "4", "--jobs", "1", *two.argv]) == 2
    assert "give either this or --cluster" in capsys.readouterr().err


def test_a_worker_with_another_version_or_another_result_is_refused(
    two: TwoWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study(loaded(tmp_path, PLAN, until="3h", users=10), 3)
    true = canary_of(study)
    later = {name: ms + 1 for name, ms in true.expected.milestones.items()}
    for canary, reason in (
        (replace(true, made_by="0.0.1, model 1", digest="a"), "this machine has 0.0.1, model 1"),
        (replace(true, expected=replace(true.expected, milestones=later), digest="b"), "its run 1 differs"),
    ):
        monkeypatch.setattr(cluster, "canary_of", lambda _study, canary=canary: canary)
        with Cluster(two.at) as workers, pytest.raises(CommandMistake, match=reason) as refusal:
            workers(study, [1, 2])
        assert re.search(r"(\d) of \1 workers refused: tls://127\.0\.0\.1:", str(refusal.value))


def test_a_worker_that_comes_later_proves_itself_before_its_first_run(
    two: TwoWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study(loaded(tmp_path, PLAN, until="3h", users=10), 3)
    wrong = replace(canary_of(study), made_by="0.0.1, model 1", digest="c")
    monkeypatch.setattr(Cluster, "_proven", lambda _self, _study: wrong)
    with Cluster(two.at) as workers, pytest.raises(CommandMistake, match="a worker is refused: it has"):
        workers(study, [1, 2])


def test_an_interrupt_leaves_no_run_behind(
    two: TwoWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> list[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cluster, "_finished", interrupted)
    assert (
        main(["check", str(written(tmp_path, PLAN, until="3h", users=10)), "--runs", "60", *two.argv]) == 130
    )
    assert capsys.readouterr().out == "", "no look was complete"
    with Cluster(two.at) as workers:
        assert not any(workers._client.processing().values())


def test_without_any_worker_it_gives_up(
    two: TwoWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last test: its cluster has no worker afterwards."""
    study = Study(loaded(tmp_path, PLAN, until="3h", users=10), 3)
    monkeypatch.setattr(cluster, "LOOK_S", 0.1)
    canary = canary_of(study)
    monkeypatch.setattr(Cluster, "_proven", lambda _self, _study: canary)
    two.cluster.scale(0)
    two.cluster.sync(two.cluster._correct_state)
    with Cluster(two.at, patience=2) as workers, pytest.raises(CommandMistake, match="has lost all workers"):
        workers(study, [1])
    monkeypatch.undo()
    with Cluster(two.at) as workers, pytest.raises(CommandMistake, match="it has no workers"):
        workers(study, [1])


class FailedChunk:
    """A chunk that failed with `why`."""

    def __init__(self, why: Exception) -> None:
        self._why = why

    def result(self) -> object:
        raise self._why


def test_runs_that_kill_each_worker_and_a_worker_without_mxdrill_are_named() -> None:
    from distributed.scheduler import KilledWorker

    last = SimpleNamespace(address="tls://10.0.0.7:4711")
    workers = Cluster(ClusterAt("tls://10.0.0.1:8786"))
    for why, told in (
        (KilledWorker("chunk", last, 3), "die at runs 5 to 8, the last one tls://10.0.0.7:4711"),
        (ModuleNotFoundError("No module named 'sim'"), "cannot run mxdrill .*No module named 'sim'"),
    ):
        with pytest.raises(Mistake, match=told):
            workers._result(FailedChunk(why), (5, 6, 7, 8))


def test_the_same_process_is_like_itself(tmp_path: Path) -> None:
    canary = canary_of(Study(loaded(tmp_path, PLAN, until="3h", users=10), 3))
    proven_runs.unlike.cache_clear()
    assert unlike(canary) == ""


ODD_ADDRESSES = (
    "tcp://dask.example:8786\\@127.0.0.1",
    "tcp://localhost/.dask.example:8786",
    "tcp://127.0.0.1#.dask.example:8786",
    "tcp://dask.example@localhost:8786",
    "TLS://dask.example:8786",
    "tls://[::1",
    "tls://a:99999",
    "tls://a:b",
    "tls://",
    "tls://a\n:1",
    "tls://\ud800",
    "",
)
"""For two readers of an address, these could be two hosts, or none; the first four look like this machine."""


@pytest.mark.parametrize(
    ("address", "insecure", "reason"),
    [
        ("tls://dask.example:8786", False, ""),
        ("tcp://127.0.0.1:8786", False, ""),
        ("tcp://localhost:8786", False, ""),
        ("tcp://[::1]:8786", False, ""),
        ("tcp://10.0.0.1:8786", False, "not encrypted"),
        ("tcp://10.0.0.1:8786", True, ""),
        ("dask.example:8786", False, "write the scheduler's address"),
        ("http://dask.example:8786", False, "write the scheduler's address"),
        *((odd, True, "write the scheduler's address") for odd in ODD_ADDRESSES),
    ],
)
def test_only_an_encrypted_cluster_may_be_elsewhere(address: str, insecure: bool, reason: str) -> None:
    at = ClusterAt(address, insecure=insecure)
    if not reason:
        require_safe(at)
        return
    with pytest.raises(CommandMistake, match=reason):
        require_safe(at)


def test_without_certificates_nothing_is_connected(tmp_path: Path) -> None:
    address, none = "tls://127.0.0.1:1", tmp_path / "none.pem"
    for at, reason in (
        (ClusterAt(address), "no certificates; give --tls-ca"),
        (ClusterAt(address, none, none, none), "no such file; give a PEM file"),
        (ClusterAt(address, *[written(tmp_path, PLAN, until="3h", users=10)] * 3), "give PEM files"),
    ):
        with pytest.raises(CommandMistake, match=reason), Cluster(at):
            pass


def test_without_the_packages_a_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(CommandMistake, match=r"install mxdrill\[cluster\]"),
        Cluster(ClusterAt("tcp://127.0.0.1:1")),
    ):
        pass


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with (
        pytest.raises(CommandMistake, match=r"--cluster tcp://127.0.0.1:1: no connection"),
        Cluster(ClusterAt("tcp://127.0.0.1:1")),
    ):
        pass
