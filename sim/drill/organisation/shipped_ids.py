"""Names of shipped platforms and mail servers in an organisation's file."""

from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from sim.drill.organisation.sourced_numbers import Id
from sim.kernel.data_files import data_files_of
from sim.mail.platforms.platform import platform_ids
from sim.mail.server.server_file import server_ids


def _platform(name: str, info: ValidationInfo) -> str:
    return _one_of("platform", name, platform_ids(data_files_of(info)))


def _server(name: str, info: ValidationInfo) -> str:
    return _one_of("mail server", name, server_ids(data_files_of(info)))


def _one_of(what: str, name: str, names: tuple[str, ...]) -> str:
    """`name`, if it is one of `names`. Raises ValueError."""
    if name in names:
        return name
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    right = f"did you mean {near[0]}?" if near else f"choose from {', '.join(names)}"
    raise ValueError(f"there is no {what} {name!r}; {right}")


PlatformId = Annotated[Id, AfterValidator(_platform)]
"""A platform's id, as in `mxdrill platforms list`."""
ServerId = Annotated[Id, AfterValidator(_server)]
"""A mail server's name in `scenarios/servers`."""
