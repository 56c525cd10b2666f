"""The content of definitions: one pydantic model for each kind of trigger (``semantics.md`` V).

The models accept what Prefect's own models (3.8.8: client, server or deployment triggers) accept,
unless a rule states otherwise. They do not read a composite's children; ``triggers.py`` validates
each child separately, so an error's place never depends on a union. The models' own errors have the
code of the finding as their type, the message as ``found`` and the advice as ``advice``.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from trigger_cli.definitions.codes import NOT_A_CHOICE, OUT_OF_RANGE, WRONG_TYPE
from trigger_cli.definitions.durations import JSON_SCHEMA, read_duration, violation
from trigger_cli.definitions.plain import METRIC_MINIMUM, PROACTIVE_MINIMUM, Kind
from trigger_cli.definitions.wording import describe
from trigger_cli.model import MetricName, MetricOperator, Posture
from trigger_cli.times import SECOND
from trigger_cli.vocabulary import nearest


def _patterns(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _objects(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Duration = Annotated[int, BeforeValidator(read_duration), WithJsonSchema(JSON_SCHEMA)]
Patterns = Annotated[list[str], BeforeValidator(_patterns, json_schema_input_type=str | list[str])]
Labels = dict[str, Patterns]
RelatedLabels = Annotated[
    list[Labels], BeforeValidator(_objects, json_schema_input_type=Labels | list[Labels])
]


class _Model(BaseModel):
    # Unknown keys are ignored, as in Prefect; ``triggers.py`` warns about them.
    model_config = ConfigDict(extra="ignore", frozen=True)


class _TriggerModel(_Model):
    type: Any = None
    id: Any = None


class _ResourceTriggerModel(_TriggerModel):
    match: Labels = Field(default={}, description="labels of the primary resource (M1)")
    match_related: RelatedLabels = Field(default=[], description="of related resources (M2)")


class EventTriggerModel(_ResourceTriggerModel):
    """An event trigger (V2, P1)."""

    posture: Posture = "Reactive"
    after: list[str] = []
    expect: list[str] = []
    for_each: list[str] = []
    threshold: int = 1
    within: Duration | None = Field(default=None, description="length of the window")

    @field_validator("within")
    @classmethod
    def _proactive_minimum(cls, within: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("posture") == "Proactive" and 0 < (within or 0) < PROACTIVE_MINIMUM:
            raise violation(
                OUT_OF_RANGE,
                f"found {(within or 0) / SECOND:g} seconds, a Proactive trigger needs at least 10",
                "write 10 or more, or leave it out for 10",
            )
        return within


_FIVE_MINUTES = Field(METRIC_MINIMUM, json_schema_extra={"default": METRIC_MINIMUM // SECOND})


class MetricQueryModel(_Model):
    """The ``metric`` of a metric trigger (K8)."""

    name: MetricName
    threshold: float = Field(allow_inf_nan=False)
    operator: MetricOperator
    range: Duration = _FIVE_MINUTES
    firing_for: Duration = _FIVE_MINUTES


class MetricTriggerModel(_ResourceTriggerModel):
    """A metric trigger (K)."""

    posture: Literal["Metric"] = "Metric"
    metric: MetricQueryModel


class SequenceTriggerModel(_TriggerModel):
    """A sequence trigger (C); its children are checked separately."""

    triggers: list[Any]
    within: Duration | None = Field(default=None, description="how far apart the children may fire")


class CompoundTriggerModel(SequenceTriggerModel):
    """A compound trigger (C1)."""

    require: Literal["any", "all"] | int

    @field_validator("require", mode="before")
    @classmethod
    def _require(cls, require: Any, info: ValidationInfo) -> int | str:
        return _read_require(require, info.data.get("triggers"))


class DeploymentTriggerModel(_Model):
    """Further keys of a trigger in ``prefect.yaml``."""

    name: str | None = None
    description: str | None = None
    enabled: bool = True
    parameters: dict[str, Any] | None = None
    job_variables: dict[str, Any] | None = None
    schedule_after: Duration = 0


class AutomationModel(_Model):
    """An automation without its trigger; actions' contents are not read."""

    name: str | None = None
    description: str | None = None
    enabled: bool = True
    tags: list[str] = []
    trigger: Any
    actions: list[Any] = []
    actions_on_trigger: list[Any] = []
    actions_on_resolve: list[Any] = []
    owner_resource: str | None = None
    # Exported automations have these keys too.
    id: Any = None
    created: Any = None
    updated: Any = None
    account: Any = None
    workspace: Any = None


MODELS: Mapping[Kind, type[BaseModel]] = {
    "event": EventTriggerModel,
    "metric": MetricTriggerModel,
    "compound": CompoundTriggerModel,
    "sequence": SequenceTriggerModel,
    "automation": AutomationModel,
    "deployment": DeploymentTriggerModel,
}


def _read_require(require: Any, triggers: list[Any] | None) -> int | str:
    """How many of the `triggers` (if they could be read) are needed (C1).

    Prefect also takes a number that is written as a string.
    """
    if isinstance(require, str) and require in {"any", "all"}:
        return require
    if isinstance(require, str) and re.fullmatch(r"\s*[-+]?[0-9]{1,9}\s*", require):
        require = int(require)
    found = f"found {describe(require)}, expected"
    if isinstance(require, str):
        near = nearest(require, ["any", "all"], {"every": "all", "one": "any"})
        advice = f'did you mean "{near}"?' if near else None
        raise violation(NOT_A_CHOICE, f'{found} "any", "all" or a number', advice)
    if isinstance(require, bool) or not isinstance(require, (int, float)) or require % 1:
        raise violation(WRONG_TYPE, f'{found} "any", "all" or a number')
    most = len(triggers) if triggers is not None else None
    if require < 1 or (most is not None and require > most):
        limit = f"from 1 to {most}, the number of triggers" if most else "of at least 1"
        if most == 0:
            limit = "from 1 to the number of triggers, but there are none"
        raise violation(OUT_OF_RANGE, f"{found} a number {limit}")
    return int(require)
