"""The keys of every kind of object, and suggestions for unknown keys."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from trigger_cli.definitions.plain import FIELDS, MetricQueryFields, keys_of
from trigger_cli.definitions.wording import quoted
from trigger_cli.vocabulary import nearest

TriggerKind: TypeAlias = Literal["event", "metric", "compound", "sequence"]

KINDS: tuple[TriggerKind, ...] = ("event", "metric", "compound", "sequence")
TRIGGER_KEYS = {kind: keys_of(FIELDS[kind]) for kind in KINDS}
DEPLOYMENT_KEYS = keys_of(FIELDS["deployment"])
AUTOMATION_KEYS = keys_of(FIELDS["automation"])
METRIC_KEYS = keys_of(MetricQueryFields)
ACTION_KEYS = ("actions", "actions_on_trigger", "actions_on_resolve")
"""The keys of an automation whose value is a list of actions."""
ALL_TRIGGER_KEYS = frozenset[str]().union(*TRIGGER_KEYS.values())

# Words that people and language models write for a key; lower case, without `_`.
ALIASES: Mapping[str, str] = {
    "event": "expect",
    "events": "expect",
    "expected": "expect",
    "eventname": "expect",
    "eventnames": "expect",
    "duration": "within",
    "window": "within",
    "timeframe": "within",
    "timeout": "within",
    "period": "within",
    "count": "threshold",
    "times": "threshold",
    "related": "match_related",
    "resource": "match",
    "resources": "match",
    "groupby": "for_each",
    "kind": "type",
    "required": "require",
    "children": "triggers",
    "comparison": "operator",
    "lookback": "range",
    "action": "actions",
    "active": "enabled",
    "labels": "match",
}


def explain_unknown_trigger_key(
    key: str, kind: str, known: frozenset[str], *, nested: bool | None
) -> tuple[str, str | None]:
    """The message about a `key` that is not `known` in a trigger of `kind`, and advice.

    `nested` is whether the trigger is part of a composite; ``None`` if it may have the keys of a
    deployment trigger, which have no effect elsewhere.
    """
    article = "an" if kind == "event" else "a"
    if key in DEPLOYMENT_KEYS and nested is not None:
        message = f"the key `{key}` has no effect here, on {'a part of' if nested else 'the trigger of'} an automation"
        return message, "remove it, or put it where the whole automation is defined"
    if key in ALL_TRIGGER_KEYS:
        homes = " or ".join(sorted(home for home, keys in TRIGGER_KEYS.items() if key in keys))
        return (
            f"the key `{key}` has no effect in {article} {kind} trigger, it belongs in: {homes}",
            "remove it, or check `type`",
        )
    return explain_unknown_key(key, f"{article} {kind} trigger", known)


def explain_unknown_key(key: str, where: str, known: frozenset[str]) -> tuple[str, str | None]:
    """The message about `key` in `where`, whose keys are `known`, and advice."""
    near = nearest(key, sorted(known), ALIASES)
    return (
        f"unknown key {quoted(key)} in {where}: Prefect ignores it",
        f"did you mean `{near}`?" if near else f"known keys: {', '.join(sorted(known - {'id'}))}",
    )


def is_left_at_default(key: str, value: Any) -> bool:
    """Whether a key of another kind of trigger can be ignored.

    Exports from Prefect Cloud contain every key of an event trigger in metric triggers too.
    """
    return key in ALL_TRIGGER_KEYS and (not value or (key == "threshold" and value == 1))
