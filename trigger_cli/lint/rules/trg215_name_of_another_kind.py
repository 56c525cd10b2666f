"""A related name seems to belong to another kind of resource than its role.

## What it does

Reports related names that contain the word for another kind, or that have the form
`flow/deployment`, under a role that does not fit. An example is `parent-deployment` under the role
`flow`.

## Why is this bad?

The flow and the deployment of a run have different names. Under the wrong role, nothing matches.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.name": "parent-deployment",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.name": "parent-deployment",
    "prefect.resource.role": "deployment"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```
"""

import re

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_NAME, RESOURCE_ROLE

_WORDS = {
    "flow": (("deployment", re.compile(r"deploy(?:e?ment)?s?\b|\bdeployement|^[^/]+/[^/]+$")),),
    "deployment": (("flow/deployment", re.compile(r"^[^/]+/[^/]+$")),),
    "work-pool": (("work queue", re.compile(r"\bqueue\b")),),
    "work-queue": (("work pool", re.compile(r"\bpool\b")),),
}


def check(subject: Subject) -> Problems:
    """Report if there is one role, and the name has a word for another kind."""
    for _, at, labels in subject.related_objects():
        role = labels.get(RESOURCE_ROLE, ())
        if len(role) != 1:
            continue
        for place, name in at.at(RESOURCE_NAME).strings() if RESOURCE_NAME in labels else ():
            for kind, words in _WORDS.get(role[0], ()):
                if words.search(name):
                    yield place.problem(
                        f"{quoted(name)} looks like the name of a {kind}, but the role is {quoted(role[0])}",
                        "check which of the two is meant: each has a name of its own",
                    )


RULE = Rule(__name__, __doc__, "warning", check)
