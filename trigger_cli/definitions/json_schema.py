"""The JSON Schema (2020-12) of definition files (V5).

The fields of each kind of object come from the models of ``schema.py``. This module adds the
nesting of objects.
"""

from typing import Any

from pydantic import BaseModel

from trigger_cli.definitions.keys import ACTION_KEYS, KINDS, TriggerKind
from trigger_cli.definitions.plain import PROACTIVE_MINIMUM
from trigger_cli.definitions.schema import MODELS
from trigger_cli.times import SECOND

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NAMES: dict[TriggerKind, str] = {kind: f"{kind.title()}Trigger" for kind in KINDS}
_TEXTS: dict[str, dict[str, Any]] = {
    "boolean": {"enum": ["true", "false", "True", "False", "yes", "no", "on", "off", 0, 1]},
    "integer": {"type": "string", "pattern": r"^\s*[-+]?[0-9]+\s*$"},
    "number": {"type": "string", "pattern": r"^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*$"},
}


def definition_schema() -> dict[str, Any]:
    """The schema of a definition file."""
    definitions: dict[str, Any] = {}
    for kind, name in _NAMES.items():
        definitions[name] = _trigger(kind, _taken_apart(MODELS[kind], definitions))
    # Without a `type`, the keys decide the kind of a trigger (V1).
    definitions["EventTrigger"]["not"] = _any_key("triggers")
    definitions["SequenceTrigger"]["anyOf"] = [_any_key("type"), {"not": _any_key("require")}]
    definitions["Trigger"] = {"anyOf": [_ref(name) for name in _NAMES.values()]}
    definitions["Automation"] = _automation(definitions)
    extras = _taken_apart(MODELS["deployment"], definitions)
    definitions["DeploymentTrigger"] = {"allOf": [_ref("Trigger"), extras]}
    either = {
        "if": {"type": "object", "required": ["trigger"]},
        "then": _ref("Automation"),
        "else": _ref("DeploymentTrigger"),
    }
    definitions["AutomationOrTrigger"] = either
    return {
        "$schema": DIALECT,
        "title": "Prefect automations and triggers",
        **_file(),
        "$defs": definitions,
    }


def _file() -> dict[str, Any]:
    listed = {"type": ["array", "null"], "items": _ref("AutomationOrTrigger")}
    deployment = {"type": "object", "properties": {"triggers": listed}}
    wrapper = {
        "type": "object",
        "properties": {
            "automations": {"type": ["array", "null"], "items": _ref("Automation")},
            "deployments": {"type": ["array", "null"], "items": deployment},
        },
    }
    is_list_of_triggers = {
        "required": ["triggers"],
        "not": _any_key("type", "require", "within"),
    }
    return {
        "if": {"type": "array"},
        "then": {"items": _ref("AutomationOrTrigger")},
        "else": {
            "if": _any_key("automations", "deployments"),
            "then": wrapper,
            "else": {
                "if": is_list_of_triggers,
                "then": {"type": "object", "properties": {"triggers": listed}},
                "else": _ref("AutomationOrTrigger"),
            },
        },
    }


def _trigger(kind: TriggerKind, schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema["properties"]
    properties["type"] = {"const": kind}
    properties["id"] = {"type": ["string", "null"]}
    if "triggers" in properties:
        properties["triggers"] = {"type": "array", "items": _ref("Trigger")}
    if "require" in properties:
        properties["require"] = {
            "anyOf": [
                {"enum": ["any", "all"]},
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": r"^\s*\+?[0-9]+\s*$"},
            ]
        }
    if kind == "event":
        # Exports from Prefect Cloud contain `metric: null`.
        properties["metric"] = {"type": "null"}
        # P1, of numbers: a pattern of short texts would be too long.
        too_short = {"exclusiveMinimum": 0, "exclusiveMaximum": PROACTIVE_MINIMUM // SECOND}
        schema["if"] = {"properties": {"posture": {"const": "Proactive"}}, "required": ["posture"]}
        schema["then"] = {
            "properties": {"within": {"not": {"type": "number", **too_short}}},
        }
    return schema


def _automation(definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _taken_apart(MODELS["automation"], definitions)
    schema["properties"]["trigger"] = _ref("Trigger")
    for key in ACTION_KEYS:
        schema["properties"][key] = {"type": "array", "items": {"type": "object"}}
    return schema


def _taken_apart(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one model; adds the schemas that it refers to to `definitions`."""
    schema = model.model_json_schema(ref_template="#/$defs/{model}")
    for other in (schema, *schema.get("$defs", {}).values()):
        for key, value in other.get("properties", {}).items():
            other["properties"][key] = _as_written(value)
    definitions.update(schema.pop("$defs", {}))
    return schema


def _as_written(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a number or boolean; Prefect also accepts its text, such as ``"1"``."""
    text = _TEXTS.get(str(schema.get("type")))
    if text is None:
        return schema
    about: dict[str, Any] = {
        key: schema.pop(key) for key in ("title", "description", "default") if key in schema
    }
    return {**about, "anyOf": [schema, text]}


def _any_key(*keys: str) -> dict[str, Any]:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}
