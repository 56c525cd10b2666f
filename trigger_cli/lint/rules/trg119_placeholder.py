"""A placeholder was never filled in.

## What it does

Reports `<uuid>`, `...`, `YOUR-DEPLOYMENT-ID`, `string` (from an API example), the UUID of zeros and
similar placeholders in names, patterns and the ids of actions, and templates such as
`{{ prefect.variables.team }}` there that have no value (`--var`).

## Why is this bad?

A placeholder matches nothing, and an action with one has no target.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.flow.<uuid>",
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
    "prefect.resource.id": "prefect.flow.cb6126db-d528-402f-b439-96637187a8ca",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```
"""

from trigger_cli.definitions.templates import advice_for
from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.texts import Text, placeholder, texts
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check names and patterns of triggers, and keys of actions that end in `_id`."""
    found = [*texts(subject)]
    for action in subject.actions:
        for key, member in action.node.members.items():
            value = member.node.value
            if key.endswith("_id") and isinstance(value, str):
                found.append(Text("id", value, action.at(key)))
    for text in found:
        # TRG124 reports computed values.
        stand_in = None if text.at.node.is_computed else placeholder(text.text)
        if stand_in is not None:
            advice = advice_for(stand_in)
            what = "template without a value" if advice else "placeholder that was never filled in"
            yield text.problem(f"{quoted(stand_in)} is a {what}", advice)


RULE = Rule(__name__, __doc__, "warning", check)
