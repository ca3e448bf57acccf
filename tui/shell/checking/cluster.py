"""Runs on the workers of a Dask cluster: `check --cluster ADDRESS`.

The result does not depend on the workers: each run follows from its number alone, and a worker is used only
once it has proven that it gives the same results as this machine. The runs of a worker that dies are assigned
again.
"""

import ipaddress
import logging
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from types import TracebackType
from typing import Any, Self

from sim.drill.session.plan_run import PlanRun
from sim.study.one_run import Study
from sim.study.proven_runs import Canary, UnlikeWorker, canary_of, prove, proven_runs
from sim.study.workers import CHUNK, Told, WorkersDie
from tui.shell.command_mistake import CommandMistake

CONNECT_S = 10
LOOK_S = 5.0
"""Wall time between two counts of workers while no results arrive."""
PATIENCE = 12
"""Number of counts in a row without any worker after which the check gives up."""
AHEAD = 3
"""Number of chunks assigned to each thread of the cluster, which is enough to keep every worker busy."""
LAST_PORT = 65_535
_ADDRESS = re.compile(
    r"(?P<kind>tls|tcp)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
)
"""An address that Dask reads in one way only. Dask finds the host in another way than Python's `urlsplit`, so
that an address could look like this machine's and lead to another one.
"""
INSTALL = "the packages for a cluster are not installed; install mxdrill[cluster]"


@dataclass(frozen=True, slots=True)
class ClusterAt:
    """A cluster's address, and how to reach it."""

    address: str
    """The address of the scheduler: `tls://dask.example:8786`."""
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    """`ca`, `certificate`, `key`: PEM files; None: as in Dask's own configuration."""
    insecure: bool = False
    """True if an unencrypted connection to another machine is allowed."""


class Cluster:
    """The workers of a Dask cluster; a context manager that leaves no task behind.

    Raises CommandMistake if the cluster cannot be used, WorkersDie if a run ends one worker after the other.
    """

    def __init__(self, at: ClusterAt, told: Told = lambda _count: None, patience: int = PATIENCE) -> None:
        self._at, self._told, self._patience = at, told, patience
        self._client: Any = None
        self._canary: Canary | None = None
        self._under_way: dict[Any, int] = {}

    def __enter__(self) -> Self:
        require_safe(self._at)
        try:
            from distributed import Client
        except ImportError:
            raise CommandMistake(f"--cluster: {INSTALL}") from None
        for name in ("distributed", "asyncio"):  # a lost worker is reported below, in one line or not at all
            logging.getLogger(name).setLevel(logging.CRITICAL)
        security = _security(self._at)
        try:
            self._client = Client(  # type: ignore[no-untyped-call]
                self._at.address, security=security, timeout=CONNECT_S, set_as_default=False
            )
        except (OSError, ValueError, RuntimeError) as why:
            reason = str(why).splitlines()[0] if str(why) else type(why).__name__
            raise CommandMistake(f"--cluster {self._at.address}: no connection: {reason:.200}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            if self._under_way:
                self._client.cancel(list(self._under_way), force=True)
            self._client.close(timeout=CONNECT_S)
            self._client = None

    def __call__(self, study: Study, numbers: Sequence[int]) -> Iterable[PlanRun]:
        """The runs in order of their numbers."""
        canary = self._proven(study)
        chunks = [tuple(numbers[at : at + CHUNK]) for at in range(0, len(numbers), CHUNK)]
        done: dict[int, list[PlanRun]] = {}
        waiting, idle = list(range(len(chunks)))[::-1], 0
        while len(done) < len(chunks):
            while waiting and len(self._under_way) < AHEAD * max(1, sum(self._client.nthreads().values())):
                index = waiting.pop()
                future = self._client.submit(proven_runs, canary, study, chunks[index], pure=False)
                self._under_way[future] = index
            finished = self._finished()
            idle = 0 if finished or self._client.nthreads() else idle + 1
            if idle >= self._patience:
                raise CommandMistake(f"--cluster {self._at.address}: it has lost all workers")
            for future in finished:
                index = self._under_way.pop(future)
                done[index] = self._result(future, chunks[index])
                self._told(len(done[index]))
        return [run for index in range(len(chunks)) for run in done[index]]

    def _finished(self) -> list[Any]:
        """Finished chunks; empty if none finishes for a while."""
        from distributed import wait

        futures = list(self._under_way)
        try:
            with self._client.as_current():
                found = wait(futures, LOOK_S, "FIRST_COMPLETED")  # type: ignore[no-untyped-call]
            return list(found.done)
        except TimeoutError:
            return []

    def _result(self, future: Any, numbers: tuple[int, ...]) -> list[PlanRun]:
        from distributed.scheduler import KilledWorker

        try:
            found: list[PlanRun] = future.result()
        except KilledWorker as died:
            raise WorkersDie(
                f"the workers of the cluster die at runs {numbers[0]} to {numbers[-1]}, the last one "
                f"{died.last_worker.address}; give them more memory"
            ) from None
        except UnlikeWorker as why:
            raise CommandMistake(f"--cluster {self._at.address}: a worker is refused: {why}") from None
        except CancelledError:
            raise CommandMistake(f"--cluster {self._at.address}: connection lost") from None
        except (ImportError, AttributeError, UnpicklingError) as why:  # from a worker that joined later
            raise CommandMistake(f"--cluster {self._at.address}: a worker {_cannot(why)}") from None
        return found

    def _proven(self, study: Study) -> Canary:
        """The run that proves this check's workers; every present worker has repeated it."""
        if self._canary is not None:
            return self._canary
        workers = sorted(self._client.nthreads())
        if not workers:
            raise CommandMistake(f"--cluster {self._at.address}: it has no workers; start some first")
        canary = canary_of(study)
        asked = {
            worker: self._client.submit(prove, canary, workers=[worker], pure=False) for worker in workers
        }
        refused = [f"{worker}: {why}" for worker, future in asked.items() if (why := _why_not(future))]
        if refused:
            raise CommandMistake(
                f"--cluster {self._at.address}: {len(refused)} of {len(workers)} workers refused: "
                + "; ".join(refused)
            )
        self._canary = canary
        return canary


def require_safe(at: ClusterAt) -> None:
    """Raises CommandMistake for an unencrypted address on another machine."""
    parts = _ADDRESS.fullmatch(at.address)
    if parts is None or int(parts["port"] or 0) > LAST_PORT:
        raise CommandMistake(f"--cluster {at.address:.200}: write the scheduler's address: tls://HOST:8786")
    if parts["kind"] == "tcp" and not at.insecure and not _is_loopback(parts["host"].strip("[]")):
        raise CommandMistake(
            f"--cluster {at.address}: not encrypted, so anyone on that network can run code on the workers; "
            "use tls://, or add --insecure on your own network"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _security(at: ClusterAt) -> Any:
    """Dask's own record of certificates. Raises CommandMistake if they are missing or cannot be used."""
    from distributed import Security

    given = {"tls_ca_file": at.ca, "tls_client_cert": at.certificate, "tls_client_key": at.key}
    for path in given.values():
        if path is not None and not path.is_file():
            raise CommandMistake(f"{path}: no such file; give a PEM file to --tls-ca, --tls-cert, --tls-key")
    security = Security(  # type: ignore[no-untyped-call]
        require_encryption=at.address.startswith("tls:"),
        **{name: str(path) for name, path in given.items() if path is not None},
    )
    if not at.address.startswith("tls:"):
        return security
    try:
        context = security.get_connection_args("client").get("ssl_context")  # type: ignore[no-untyped-call]
    except OSError as why:
        raise CommandMistake(f"--tls-ca, --tls-cert, --tls-key: {why}; give PEM files") from None
    if context is None:
        what = "no certificates; give --tls-ca, --tls-cert and --tls-key, or set them in Dask's configuration"
        raise CommandMistake(f"--cluster {at.address}: {what}")
    return security


def _why_not(future: Any) -> str:
    """The reason why a worker cannot be used; empty if it can."""
    try:
        return str(future.result())
    # any exception that a worker of another version raises is reported as its reason
    except Exception as why:
        return _cannot(why)


def _cannot(why: Exception) -> str:
    reason = str(why).splitlines()[0] if str(why) else ""
    return f"cannot run mxdrill ({type(why).__name__}: {reason:.120})"
