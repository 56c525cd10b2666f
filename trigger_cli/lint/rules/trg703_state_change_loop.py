"""The action sets a state that the trigger waits for.

## What it does

Reports Reactive triggers without `after` that expect a state that one of the actions sets:
`change-flow-run-state`, `cancel-flow-run`, `suspend-flow-run` or `resume-flow-run`.

## Why is this bad?

The change of state is an event that fires the trigger again.

## Example

```json
{
  "name": "Cancel what fails",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Failed", "prefect.flow-run.Cancelling"]
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```

## Use instead

```json
{
  "name": "Cancel what stays paused",
  "trigger": {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "after": ["prefect.flow-run.Paused"],
    "expect": ["prefect.flow-run.*"],
    "for_each": ["prefect.resource.id"],
    "threshold": 1,
    "within": 3600
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```
"""

from trigger_cli.lint.knowledge.loops import state_set_by
from trigger_cli.lint.knowledge.patterns import takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.vocabulary import FLOW_RUN


def check(subject: Subject) -> Problems:
    """Check only the automation's own trigger, not the children of a composite."""
    root = subject.root
    if not isinstance(root, EventAt) or root.trigger.posture != "Reactive" or root.trigger.after:
        return
    for action in subject.actions:
        state = state_set_by(action)
        if state and root.trigger.expect and takes_name(root.trigger.expect, FLOW_RUN + state):
            yield action.at("type").problem(
                f"this action sets the state {state}, which fires the trigger again",
                "leave that state out of `expect`",
            )


RULE = Rule(__name__, __doc__, "warning", check)
