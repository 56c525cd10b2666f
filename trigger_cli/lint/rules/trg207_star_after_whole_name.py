"""A star follows what may be a complete event name.

## What it does

Reports names such as `order.placed*` (D4), in which the part before the star looks complete.

## Why is this bad?

By the documentation, a star can match the empty string, so the pattern also matches `order.placed`.
On the open-source server, a star matches at least one character.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed*"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed", "order.placed.*"]
}
```
"""

import re

from trigger_cli.definitions.wording import quoted
from trigger_cli.dialects import SERVER
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import STAR, compile_names

# A name without the text of its star: `.Failed`, `a..b`, `a.`.
_HOLE = re.compile(r"^$|^[.:/_-]|[.:/_-]$|[.:/_-]{2}")


def check(subject: Subject) -> Problems:
    """Skip `prefect.flow-run.*`: no event has the name `prefect.flow-run.`.

    Skip names that the trigger takes there all the same, as one that is listed besides.
    """
    for event in subject.events:
        roles_of = compile_names(event.trigger, SERVER)
        for key in ("after", "expect"):
            for at, name in event.each(key):
                without = name.replace(STAR, "")
                if STAR not in name or _HOLE.search(without):
                    continue
                roles = roles_of(without)
                if roles is None or not (roles.expected if key == "expect" else roles.starts):
                    yield at.problem(
                        f"on the open-source server {quoted(name)} does not take {quoted(without)} itself (D4)",
                        "list both if both are meant",
                    )


RULE = Rule(__name__, __doc__, "info", check, row="D4")
