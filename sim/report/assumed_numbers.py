"""The assumed numbers and rules on which a run depends: in its organisation's file, and in the files of
house rules, platforms, vendors, servers and resolvers that it has used.
"""

from collections.abc import Iterator
from typing import Any

from sim.drill.drill import Drill
from sim.drill.organisation.sourced_numbers import Block
from sim.drill.organisation.vendor_file import GATEWAY_VENDOR, gateway_console_rules, load_vendor
from sim.kernel.data_files import DataFiles
from sim.kernel.document import Record
from sim.mail.dns.resolver import (
    population_ids,
    read_population,
    read_publication,
    read_resolver,
    resolver_ids,
)
from sim.mail.platforms.platform import read_platform
from sim.mail.platforms.platform_file import Sourced
from sim.mail.platforms.sender_mixes import read_sender_mixes
from sim.mail.server.server_file import read_server

_ORIGIN = ("source", "confidence", "assumed")


def assumed_numbers(drill: Drill) -> dict[str, Any]:
    """`{numbers, of, names}`: assumed numbers, all numbers, and the assumed ones by file and place."""
    found = [*_of(drill.scenario.organisation, "")]
    for path, file in _files(drill):
        found += _of(file, f"{path}.")
    names = [name for name, assumed in found if assumed]
    return {"numbers": len(names), "of": len(found), "names": names}


def _files(drill: Drill) -> Iterator[tuple[str, Record]]:
    """The other files that this run has read, each with its place in the list."""
    organisation, world, files = drill.scenario.organisation, drill.world, drill.scenario.files
    platforms = [organisation.gateway.platform, organisation.server.platform]
    if world.inbound.hop is not None:
        platforms += [one.platform for one in organisation.correspondents.mix]
        yield "populations/senders/mixes", read_sender_mixes(files)
    yield from ((f"platforms/{name}", read_platform(files, name)) for name in dict.fromkeys(platforms))
    yield from ((f"vendors/{use.vendor}", load_vendor(files, use.vendor)) for use in organisation.vendors)
    yield "house/rules", drill.scenario.rules
    in_trouble = any(fault.console_state in ("slow", "stale") for fault in drill.scenario.timeline)
    if in_trouble and all(use.vendor != GATEWAY_VENDOR for use in organisation.vendors):
        yield f"vendors/{GATEWAY_VENDOR}.console", gateway_console_rules(files)
    if organisation.server.back_pressure is not None:
        name = organisation.server.back_pressure
        yield f"servers/{name}", read_server(files, name)
    if drill.dns.entered:
        yield "dns/publication", read_publication(files)
        yield from _resolvers(files, organisation.zone.population)


def _resolvers(files: DataFiles, population: str) -> Iterator[tuple[str, Record]]:
    """The mix of correspondents' resolvers, and each kind in it."""
    kinds = [population]
    if population in population_ids(files):
        mix = read_population(files, population)
        yield f"populations/{population}", mix
        kinds = [*mix.shares]
    yield from (
        (f"resolvers/{name}", read_resolver(files, name)) for name in kinds if name in resolver_ids(files)
    )


def _of(record: Record, path: str) -> Iterator[tuple[str, bool]]:
    """Each number or rule in `record` by its place; True if it is assumed.

    A list or a span counts as one number. A word counts only if the file marks it as assumed: other words are
    settings of the organisation or facts about a product.
    """
    if isinstance(record, Sourced):
        yield path.removesuffix("."), record.confidence == "assumed"
        return
    for name, field in type(record).model_fields.items():
        if name in _ORIGIN:
            continue
        value, shown = getattr(record, name), field.alias or name
        inner = [(key, part) for key, part in _parts(value) if _has_origin(part)]
        for key, part in inner:
            yield from _of(part, f"{path}{shown}.{key}")
        if not inner and isinstance(record, Block) and (_numeric(value) or shown in record.assumed):
            yield f"{path}{shown}", record.confidence_of(shown) == "assumed"


def _parts(value: Any) -> list[tuple[str, Any]]:
    """The parts of a field's value, each with the suffix that it adds to the place of the field."""
    if isinstance(value, tuple):
        return [(f"{number}.", part) for number, part in enumerate(value)]
    if isinstance(value, dict):
        return [(f"{key}.", part) for key, part in value.items()]
    return [("", value)]


def _has_origin(value: Any) -> bool:
    """True if `value`, or any part of it, names the source of its numbers."""
    if isinstance(value, Block | Sourced):
        return True
    held = [getattr(value, name) for name in type(value).model_fields] if isinstance(value, Record) else []
    return any(_has_origin(part) for one in held for _key, part in _parts(one))


def _numeric(value: Any) -> bool:
    """True if `value` contains a number."""
    if isinstance(value, Record):
        return any(_numeric(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, tuple | dict):
        return any(_numeric(part) for _key, part in _parts(value))
    return isinstance(value, int) and not isinstance(value, bool)
