"""Every work pool has a queue with this name.

## What it does

Reports patterns that match work queues by the name `default`, if no condition names a work pool.

## Why is this bad?

Each work pool gets a queue called `default`. The trigger matches the queues of that name in all
pools, including pools that are created later.

## Known problems

If there is only one pool, or if all pools are intended, nothing is wrong.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {
    "prefect.resource.id": "prefect.work-queue.*",
    "prefect.resource.name": "default"
  },
  "expect": ["prefect.work-queue.not-ready"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {
    "prefect.resource.id": "prefect.work-queue.*",
    "prefect.resource.name": "default"
  },
  "match_related": {
    "prefect.resource.role": "work-pool",
    "prefect.resource.name": "kubernetes"
  },
  "expect": ["prefect.work-queue.not-ready"]
}
```
"""

from collections.abc import Mapping

from trigger_cli.lint.knowledge.resources import kind_of
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import LeafAt, Subject
from trigger_cli.match.patterns import STAR
from trigger_cli.model import EventTrigger, Patterns
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_NAME = "default"
_QUEUE, _POOL = "work-queue", "work-pool"


def check(subject: Subject) -> Problems:
    """Skip other names: they may belong to one queue only."""
    for leaf in subject.leaves:
        if any(_is_of(dict(labels), _POOL) for labels in leaf.trigger.match_related):
            continue
        own = dict(leaf.trigger.match)
        if _is_of(own, _QUEUE) or (RESOURCE_ID not in own and _expects_queues(leaf)):
            yield from _told(leaf, own, "match")
        for index, labels in enumerate(leaf.trigger.match_related):
            if _is_of(dict(labels), _QUEUE):
                yield from _told(leaf, dict(labels), "match_related", index)


def _expects_queues(leaf: LeafAt) -> bool:
    """Whether it takes events of queues alone, whatever `match` says."""
    expect = leaf.trigger.expect if isinstance(leaf.trigger, EventTrigger) else ()
    return bool(expect) and all(name.startswith(f"prefect.{_QUEUE}.") for name in expect)


def _told(leaf: LeafAt, labels: Mapping[str, Patterns], *place: str | int) -> Problems:
    one_queue = any(STAR not in pattern for pattern in labels.get(RESOURCE_ID, ()))
    if _NAME in labels.get(RESOURCE_NAME, ()) and not one_queue:
        yield leaf.at(*place, RESOURCE_NAME).problem(
            f"every work pool has a queue called `{_NAME}`, and this takes those of all pools",
            "name the pool in `match_related`, with the role `work-pool`",
        )


def _is_of(labels: Mapping[str, Patterns], kind: str) -> bool:
    """Whether an object selects resources of a kind, by role or by id."""
    ids = labels.get(RESOURCE_ID, ())
    return kind in labels.get(RESOURCE_ROLE, ()) or (
        bool(ids) and all(kind_of(pattern) == f"prefect.{kind}." for pattern in ids)
    )


RULE = Rule(__name__, __doc__, "info", check)
