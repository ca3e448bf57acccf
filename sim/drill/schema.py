"""JSON Schemas of the files that people write, for their editors; generated from the models."""

import json
from typing import Any

from sim.drill.organisation import Organisation
from sim.drill.runbook import Runbook
from sim.drill.scenario import Scenario
from sim.drill.scenario_file import Include
from sim.kernel.document import Record


def schemas() -> dict[str, str]:
    """Text of each schema file by its name (`scenario.schema.json`, …); ends with a line feed."""
    return {
        "scenario.schema.json": _text(_scenario()),
        "organisation.schema.json": _text(_schema(Organisation)),
        "runbook.schema.json": _text(_schema(Runbook)),
    }


def _schema(model: type[Record]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, mode="validation")


def _scenario() -> dict[str, Any]:
    """A scenario's file may include its organisation; the model has it in place."""
    schema = _schema(Scenario)
    include = _schema(Include)
    schema["$defs"]["Include"] = include
    inline = schema["properties"]["organisation"]
    schema["properties"]["organisation"] = {"anyOf": [{"$ref": "#/$defs/Include"}, inline]}
    return schema


def _text(schema: dict[str, Any]) -> str:
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(named, indent=2, ensure_ascii=False) + "\n"
