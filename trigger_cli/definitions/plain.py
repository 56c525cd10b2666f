"""The fast path for definitions: objects in which every value already has the right type.

Building the models of ``schema.py`` takes longer than a small replay (15 ms with pydantic already
loaded; ``benchmarks/run.py``, lane "start-up"). Most definitions do not need the models, which also
accept ``"1"`` as a number and ISO 8601 durations, and report mistakes. A test checks that the
models accept everything that these classes accept, with the same result. ``validation.py`` uses the
models for everything else.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from trigger_cli.definitions.scalars import LONGEST_SECONDS
from trigger_cli.model import MetricName, MetricOperator
from trigger_cli.times import SECOND, duration_from_seconds

Kind: TypeAlias = Literal["event", "metric", "compound", "sequence", "automation", "deployment"]

PROACTIVE_MINIMUM = 10 * SECOND
"""The shortest window of a proactive trigger, also the default (P1)."""
METRIC_MINIMUM = 300 * SECOND
"""The default of a metric's ``range`` and ``firing_for``, and the minimum of Prefect (K8)."""

Labels: TypeAlias = dict[str, str | list[str]]


class _Fields(msgspec.Struct):
    """The values of an object without its unknown keys; raises `ValueError` if it needs the models.

    Durations are read in seconds and stored in µs.
    """


class _TriggerFields(_Fields):
    type: Any = None
    id: Any = None


class _ResourceTriggerFields(_TriggerFields):
    match: Labels = {}
    match_related: Labels | list[Labels] = []


class EventTriggerFields(_ResourceTriggerFields):
    """An event trigger (V2, P1)."""

    posture: Literal["Reactive", "Proactive"] = "Reactive"
    after: list[str] = []
    expect: list[str] = []
    for_each: list[str] = []
    threshold: int = 1
    within: int | float | None = None

    def __post_init__(self) -> None:
        self.within = _microseconds(self.within or 0)
        if self.posture == "Proactive" and 0 < self.within < PROACTIVE_MINIMUM:
            raise ValueError


class MetricQueryFields(_Fields):
    """The ``metric`` of a metric trigger (K8)."""

    name: MetricName
    threshold: float
    operator: MetricOperator
    range: int | float = METRIC_MINIMUM // SECOND
    firing_for: int | float = METRIC_MINIMUM // SECOND

    def __post_init__(self) -> None:
        self.range = _microseconds(self.range)
        self.firing_for = _microseconds(self.firing_for)
        if not math.isfinite(self.threshold):
            raise ValueError


class MetricTriggerFields(_ResourceTriggerFields, kw_only=True):
    """A metric trigger (K)."""

    posture: Literal["Metric"] = "Metric"
    metric: MetricQueryFields


class SequenceTriggerFields(_TriggerFields, kw_only=True):
    """A sequence trigger (C); its children are read separately."""

    triggers: list[Any]
    within: int | float | None = None

    def __post_init__(self) -> None:
        if self.within is not None:
            self.within = _microseconds(self.within)


class CompoundTriggerFields(SequenceTriggerFields, kw_only=True):
    """A compound trigger (C1)."""

    require: Literal["any", "all"] | int

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.require, int) and not 1 <= self.require <= len(self.triggers):
            raise ValueError


class DeploymentTriggerFields(_Fields):
    """The keys of a trigger in ``prefect.yaml`` besides those of the trigger itself."""

    name: str | None = None
    description: str | None = None
    enabled: bool = True
    parameters: dict[str, Any] | None = None
    job_variables: dict[str, Any] | None = None
    schedule_after: int | float = 0

    def __post_init__(self) -> None:
        _microseconds(self.schedule_after)


class AutomationFields(_Fields, kw_only=True):
    """The keys of an automation besides its trigger."""

    name: str | None = None
    description: str | None = None
    enabled: bool = True
    tags: list[str] = []
    trigger: Any
    actions: list[Any] = []
    actions_on_trigger: list[Any] = []
    actions_on_resolve: list[Any] = []
    owner_resource: str | None = None
    id: Any = None
    created: Any = None
    updated: Any = None
    account: Any = None
    workspace: Any = None


FIELDS: Mapping[Kind, type[_Fields]] = {
    "event": EventTriggerFields,
    "metric": MetricTriggerFields,
    "compound": CompoundTriggerFields,
    "sequence": SequenceTriggerFields,
    "automation": AutomationFields,
    "deployment": DeploymentTriggerFields,
}


def keys_of(fields: type[msgspec.Struct]) -> frozenset[str]:
    """The keys that an object of this class may have."""
    return frozenset(fields.__struct_encode_fields__)


def read_plainly(kind: Kind, value: Any) -> Any:
    """The fields of an object of this kind, or ``None`` if the models must read it."""
    try:
        return msgspec.convert(value, FIELDS[kind])
    except (msgspec.ValidationError, OverflowError):
        return None


def _microseconds(seconds: float) -> int:
    if not 0 <= seconds < LONGEST_SECONDS:
        raise ValueError
    return duration_from_seconds(seconds)
