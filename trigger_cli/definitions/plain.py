"""The fast path into a definition: objects in which every value already has the right type.

Building the models of ``schema.py`` takes longer than a small replay (15 ms with pydantic already
loaded; ``benchmarks/run.py``, lane "start-up"). Most definitions do not need them: the models also
read ``"1"`` as a number, read ISO 8601 durations, and say what is wrong. A test checks that the
models accept everything that these classes accept, with the same result. ``validation.py`` uses the
models for everything else.
"""

from __future__ import annotations

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
"""The default of a metric's ``range`` and ``firing_for``, and what Prefect asks for (K8)."""

Labels: TypeAlias = dict[str, str | list[str]]


class _Fields(msgspec.Struct):
    """The values of an object without its unknown keys; `ValueError` if the models are needed."""


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
    seconds: int | float | None = msgspec.field(name="within", default=None)

    def __post_init__(self) -> None:
        within = _microseconds(self.seconds) or 0
        if self.posture == "Proactive" and 0 < within < PROACTIVE_MINIMUM:
            raise ValueError

    @property
    def window(self) -> int:
        """The window's length with its default (V2, P1)."""
        default = PROACTIVE_MINIMUM if self.posture == "Proactive" else 0
        return _microseconds(self.seconds) or default


class MetricQueryFields(_Fields):
    """The ``metric`` of a metric trigger (K8)."""

    name: MetricName
    threshold: float
    operator: MetricOperator
    range_seconds: int | float = msgspec.field(name="range", default=METRIC_MINIMUM // SECOND)
    firing_seconds: int | float = msgspec.field(name="firing_for", default=METRIC_MINIMUM // SECOND)

    def __post_init__(self) -> None:
        _microseconds(self.range_seconds)
        _microseconds(self.firing_seconds)
        if not math.isfinite(self.threshold):
            raise ValueError

    @property
    def range(self) -> int:
        """Over how long the metric is taken, µs."""
        return duration_from_seconds(self.range_seconds)

    @property
    def firing_for(self) -> int:
        """For how long the condition must hold, µs."""
        return duration_from_seconds(self.firing_seconds)


class MetricTriggerFields(_ResourceTriggerFields, kw_only=True):
    """A metric trigger (K)."""

    posture: Literal["Metric"] = "Metric"
    metric: MetricQueryFields


class SequenceTriggerFields(_TriggerFields, kw_only=True):
    """A sequence trigger (C); its children are read apart."""

    triggers: list[Any]
    seconds: int | float | None = msgspec.field(name="within", default=None)

    def __post_init__(self) -> None:
        _microseconds(self.seconds)

    @property
    def within(self) -> int | None:
        """How far apart the children may fire, µs."""
        return _microseconds(self.seconds)

    @property
    def required(self) -> int:
        """How many children must have fired (C1)."""
        return len(self.triggers)


class CompoundTriggerFields(SequenceTriggerFields, kw_only=True):
    """A compound trigger (C1)."""

    require: Literal["any", "all"] | int

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.require, int) and not 1 <= self.require <= len(self.triggers):
            raise ValueError

    @property
    def required(self) -> int:
        """How many children must have fired (C1)."""
        counts = {"any": 1, "all": len(self.triggers)}
        return counts[self.require] if isinstance(self.require, str) else self.require


class DeploymentTriggerFields(_Fields):
    """What a trigger of ``prefect.yaml`` may hold besides the trigger itself."""

    name: str | None = None
    description: str | None = None
    enabled: bool = True
    parameters: dict[str, Any] | None = None
    job_variables: dict[str, Any] | None = None
    schedule_after: int | float = 0

    def __post_init__(self) -> None:
        _microseconds(self.schedule_after)


class AutomationFields(_Fields, kw_only=True):
    """What surrounds a trigger."""

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
    """The keys that such an object may have."""
    return frozenset(fields.__struct_encode_fields__)


def read_plainly(kind: Kind, value: Any) -> Any:
    """The fields of an object of this kind, or ``None`` if the models must read it."""
    try:
        return msgspec.convert(value, FIELDS[kind])
    except (msgspec.ValidationError, OverflowError):
        return None


def _microseconds(seconds: float | None) -> int | None:
    if seconds is None:
        return None
    if not 0 <= seconds < LONGEST_SECONDS:
        raise ValueError
    return duration_from_seconds(seconds)
