"""JSON Schemas, generated from the models, of the files that people write; for their editors."""

import ast
import inspect
import json
import textwrap
from itertools import pairwise
from typing import Any, get_args

from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.vendor_file import Vendor
from sim.drill.plan.plan_file import Plan
from sim.drill.scenario.fault_kinds import FAULT_KINDS
from sim.drill.scenario.runbook import Runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.load import Include
from sim.kernel.document import Record
from sim.mail.dns.resolver_file import PopulationFile, PublicationFile, ResolverFile
from sim.mail.platforms.platform_file import PlatformFile
from sim.mail.platforms.sender_mixes import SenderMixesFile
from sim.mail.server.server_file import ServerFile


def schemas() -> dict[str, str]:
    """Text of each schema file by its name (`scenario.schema.json`, …); ends with a line feed."""
    return {
        "scenario.schema.json": _text(_like_another(_scenario())),
        "organisation.schema.json": _text(_like_another(_schema(Organisation))),
        "runbook.schema.json": _text(_like_another(_schema(Runbook))),
        "plan.schema.json": _text(_like_another(_plan())),
        "platform.schema.json": _text(_schema(PlatformFile)),
        "resolver.schema.json": _text(_schema(ResolverFile)),
        "server.schema.json": _text(_schema(ServerFile)),
        "vendor.schema.json": _text(_schema(Vendor)),
        "house.schema.json": _text(_schema(HouseRules)),
        "population.schema.json": _text(_schema(PopulationFile)),
        "senders.schema.json": _text(_schema(SenderMixesFile)),
        "publication.schema.json": _text(_schema(PublicationFile)),
    }


def _scenario() -> dict[str, Any]:
    """A scenario's file may include its organisation; in the model, the organisation is already in place."""
    schema = _schema(Scenario)
    schema["$defs"]["Include"] = _schema(Include)
    schema["$defs"]["Target"]["properties"]["measure"]["enum"] = list(FIGURES)
    kinds = "; ".join(f"`{kind.name}`: {kind.means}" for kind in FAULT_KINDS.values())
    schema["$defs"]["Fault"]["properties"]["fault"]["description"] = (
        f"The component that fails, and how. {kinds}."
    )
    inline = schema["properties"]["organisation"]
    told = {"description": text} if (text := inline.pop("description", "")) else {}
    schema["properties"]["organisation"] = {"anyOf": [{"$ref": "#/$defs/Include"}, inline], **told}
    return schema


def _plan() -> dict[str, Any]:
    schema = _schema(Plan)
    figure = schema["$defs"]["PlanPromise"]["properties"]["figure"]
    figure["anyOf"] = [{"type": "string", "enum": list(FIGURES)}, {"type": "null"}]
    return schema


def _like_another(schema: dict[str, Any]) -> dict[str, Any]:
    """Schema of a file that may inherit with `like`: the required keys may then be in the other file."""
    schema["properties"] |= {
        "like": {
            "type": "string",
            "description": "Another file of the same kind, in the same folder or shipped. This file inherits "
            "every key that it does not set. An entry in one of its lists replaces the whole inherited entry "
            "with the same id; other entries are added. A block, or a list without ids, replaces the "
            "inherited one as a whole.",
        },
        "without": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Ids of entries in that file that are not inherited.",
        },
    }
    needed = {"required": schema.pop("required")}
    return schema | {
        "if": {"required": ["like"]},
        "then": {"required": ["mxdrill", "id"]},
        "else": needed,
    }


def _schema(model: type[Record]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    models = {record.__name__: record for record in _within(model, set())}
    for name, part in {model.__name__: schema, **schema.get("$defs", {})}.items():
        _describe(part, models[name])
    return schema


def _within(annotation: Any, seen: set[type[Record]]) -> set[type[Record]]:
    """The records that are named by an annotation, or by a field of one of those records."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                _within(field.annotation, seen)
        return seen
    for part in get_args(annotation):
        _within(part, seen)
    return seen


def _describe(schema: dict[str, Any], model: type[Record]) -> None:
    """Give each property the docstring under its field in the source.

    pydantic could do this at import, but that would add 50 ms to every start of the program.
    """
    for owner in reversed(model.__mro__):
        if issubclass(owner, Record) and owner is not Record:
            for field, text in _field_texts(owner).items():
                name = model.model_fields[field].alias or field
                schema["properties"][name]["description"] = text


def _field_texts(model: type[Record]) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    texts = {}
    for field, below in pairwise(getattr(definition, "body", [])):
        named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if named and told:
            texts[field.target.id] = " ".join(str(below.value.value).split())
    return texts


def _text(schema: dict[str, Any]) -> str:
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(named, indent=2, ensure_ascii=False) + "\n"
