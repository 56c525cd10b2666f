"""Reads one trigger of a document: determines its kind, checks it, returns its definition."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from trigger_cli.definitions.codes import (
    EMPTY_COMPOSITE,
    METRIC_MINIMUM,
    TEMPLATED_VALUE,
    UNKNOWN_KEY,
    WRONG_TYPE,
)
from trigger_cli.definitions.keys import (
    DEPLOYMENT_KEYS,
    KINDS,
    METRIC_KEYS,
    TRIGGER_KEYS,
    TriggerKind,
    explain_unknown_key,
    explain_unknown_trigger_key,
    is_left_at_default,
)
from trigger_cli.definitions.nodes import Node, Pointer, walk
from trigger_cli.definitions.plain import METRIC_MINIMUM as SHORTEST_METRIC_WINDOW
from trigger_cli.definitions.plain import PROACTIVE_MINIMUM
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.validation import explain_choice, read_fields
from trigger_cli.definitions.wording import describe, left_out, quoted, without_value
from trigger_cli.model import CompositeTrigger, EventTrigger, LabelPatterns, MetricTrigger, Trigger
from trigger_cli.times import SECOND


class TriggerReader(Struct, frozen=True):
    """Reads one tree of triggers, and collects reasons for the server to refuse it."""

    report: Report
    deployment: bool = False
    """Whether the root may have the keys of a trigger in ``prefect.yaml``."""
    _refused: set[str] = field(default_factory=set)

    @property
    def server_refusals(self) -> tuple[str, ...]:
        """The reasons why the open-source server would refuse the triggers (V4), in table order."""
        return tuple(sorted(self._refused))

    def read(self, node: Node, pointer: Pointer, path: str = "$") -> Trigger | None:
        """Read the trigger at `pointer` and everything below it (V1, V2).

        Returns ``None`` if it has errors; the report contains all of them.
        """
        if node.is_computed:
            self.report.add(TEMPLATED_VALUE, *left_out(node, "this trigger"), pointer, None, path)
            return None
        if not node.is_object:
            message = f"found {describe(node.value)}, expected a trigger, which is an object"
            message = without_value(message, node.value, node)
            self.report.add(WRONG_TYPE, message, node.span, pointer, None, path)
            return None
        mark = len(self.report.findings)
        nested = _terraform_kind(node)
        if nested is not None:
            self.report.add(
                WRONG_TYPE,
                f"found the Terraform provider's form, a trigger inside `{nested}`",
                node.span,
                pointer,
                f'move what is in `{nested}` one level up and add "type": "{nested}"; or export the automation:'
                " prefect automation inspect NAME -o json",
                path,
            )
            return None
        kind = self._kind(node, pointer, path)
        self._warn_of_unknown_keys(node, pointer, path, kind)
        self._refuse_tags(node, pointer, path, kind)
        fields = read_fields(kind, node, pointer, self.report, path)
        trigger = self._convert(node, pointer, path, kind, fields)
        return None if self.report.has_errors_since(mark) else trigger

    def _kind(self, node: Node, pointer: Pointer, path: str) -> TriggerKind:
        given = node.get("type")
        if given is not None:
            if isinstance(given.value, str) and given.value in KINDS:
                return given.value
            code, message, advice = explain_choice(given.value, list(KINDS))
            place = (*pointer, "type")
            if given.written is not None:
                message, advice = without_value(message, given.value, given), None
            self.report.add(code, f"`type`: {message}", given.span, place, advice, path)
        return _infer_kind(node)

    def _warn_of_unknown_keys(
        self, node: Node, pointer: Pointer, path: str, kind: TriggerKind
    ) -> None:
        root_extras = DEPLOYMENT_KEYS if self.deployment and path == "$" else frozenset[str]()
        known = TRIGGER_KEYS[kind] | root_extras
        for key, member in node.members.items():
            if key in known or is_left_at_default(key, member.node.value):
                continue
            message, advice = explain_unknown_trigger_key(
                key, kind, known, nested=None if root_extras else path != "$"
            )
            self.report.add(UNKNOWN_KEY, message, member.key_span, (*pointer, key), advice, path)
        metric = node.get("metric")
        for key, member in metric.members.items() if kind == "metric" and metric else ():
            if key not in METRIC_KEYS:
                message, advice = explain_unknown_key(key, "a metric", METRIC_KEYS)
                place = (*pointer, "metric", key)
                self.report.add(UNKNOWN_KEY, message, member.key_span, place, advice, path)

    def _refuse_tags(self, node: Node, pointer: Pointer, path: str, kind: TriggerKind) -> None:
        """Report a pattern such as ``!prefect.tag.dev`` without quotes: in YAML it is a tag."""
        for key in TRIGGER_KEYS[kind] - {"triggers"}:
            value = node.get(key)
            for place, child in walk(value) if value else ():
                if child.tag is not None:
                    self.report.add(
                        WRONG_TYPE,
                        f"found {quoted(child.tag)}, which YAML reads as a tag and not as text",
                        child.span,
                        (*pointer, key, *place),
                        "put patterns that start with `!` in quotes",
                        path,
                    )

    def _convert(
        self, node: Node, pointer: Pointer, path: str, kind: TriggerKind, fields: Any
    ) -> Trigger | None:
        if kind in {"compound", "sequence"}:
            return self._composite(node, pointer, path, kind, fields)
        if kind == "metric":
            self._refused.add("D11")
            return self._metric(node, pointer, path, fields) if fields else None
        if "posture" not in node.members:
            self._refused.add("D12")
        related = node.get("match_related")
        if related is not None and related.is_list:
            self._refused.add("D20")
        within = node.get("within")
        if fields and fields.posture == "Proactive" and within and isinstance(within.value, str):
            self._refused.add("D17")
        return _event(path, fields) if fields else None

    def _composite(
        self, node: Node, pointer: Pointer, path: str, kind: TriggerKind, fields: Any
    ) -> CompositeTrigger | None:
        if "within" not in node.members:
            self._refused.add("D10")
        listed = node.get("triggers")
        children = [
            self.read(child, (*pointer, "triggers", index), f"{path}.triggers[{index}]")
            for index, child in enumerate(listed.items if listed else ())
        ]
        if fields is None or listed is None or None in children:
            return None
        if not children:
            self.report.add(
                EMPTY_COMPOSITE,
                "`triggers` is empty, so this trigger can never fire",
                listed.span,
                (*pointer, "triggers"),
                "add the triggers it is made of",
                path,
            )
        require = fields.require if kind == "compound" else "all"
        if isinstance(require, str):
            require = {"any": 1, "all": len(children)}[require]
        return CompositeTrigger(
            path=path,
            kind="compound" if kind == "compound" else "sequence",
            triggers=tuple(child for child in children if child is not None),
            require=require,
            within=fields.within,
        )

    def _metric(self, node: Node, pointer: Pointer, path: str, fields: Any) -> MetricTrigger:
        query = fields.metric
        written = node.members["metric"].node
        for key, value in (("range", query.range), ("firing_for", query.firing_for)):
            if value < SHORTEST_METRIC_WINDOW:
                self.report.add(
                    METRIC_MINIMUM,
                    f"`metric.{key}`: found {value / SECOND:g} seconds, Prefect refuses less than 300",
                    written.members[key].node.span,
                    (*pointer, "metric", key),
                    "write 300 or more",
                    path,
                )
        return MetricTrigger(
            path=path,
            metric=query.name,
            threshold=query.threshold,
            operator=query.operator,
            range=query.range,
            firing_for=query.firing_for,
            match=_patterns(fields.match),
            match_related=_related(fields.match_related),
        )


def _terraform_kind(node: Node) -> str | None:
    """The kind under which the Terraform provider nests a trigger; ``None`` if it is not nested."""
    (key, *others) = [*node.members] or [""]
    if others or key not in KINDS:
        return None
    inner = node.members[key].node
    # A metric trigger also has a key `metric`, in which the metric's name is a text.
    is_metric = key == "metric" and "metric" not in inner.members
    return key if inner.is_object and not is_metric else None


def _infer_kind(node: Node) -> TriggerKind:
    """The kind of a trigger without a `type` (V1)."""
    if "triggers" in node.members:
        return "compound" if "require" in node.members else "sequence"
    metric, posture = node.get("metric"), node.get("posture")
    if (metric and metric.is_object) or (posture and posture.value == "Metric"):
        return "metric"
    return "event"


def _event(path: str, fields: Any) -> EventTrigger:
    default = PROACTIVE_MINIMUM if fields.posture == "Proactive" else 0
    return EventTrigger(
        path=path,
        posture=fields.posture,
        match=_patterns(fields.match),
        match_related=_related(fields.match_related),
        expect=tuple(fields.expect),
        after=tuple(fields.after),
        for_each=tuple(sorted(set(fields.for_each))),
        threshold=fields.threshold,
        within=fields.within or default,
    )


def _patterns(labels: Mapping[str, str | Sequence[str]]) -> LabelPatterns:
    return tuple(
        (label, (patterns,) if isinstance(patterns, str) else tuple(patterns))
        for label, patterns in labels.items()
    )


def _related(
    related: Mapping[str, str | Sequence[str]] | Sequence[Mapping[str, str | Sequence[str]]],
) -> tuple[LabelPatterns, ...]:
    objects = [related] if isinstance(related, Mapping) else related
    # A single `{}` has no conditions (M2); within a list it keeps its place.
    return () if list(objects) == [{}] else tuple(_patterns(labels) for labels in objects)
