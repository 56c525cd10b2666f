"""The window of a Proactive trigger opens after the run has ended.

## What it does

Reports Proactive triggers whose `after` contains only states that end a run: `Completed`, `Failed`,
`Crashed`, `Cancelled`, `TimedOut`. Automations that only send notifications are not reported.

## Why is this bad?

After its end, a run emits no more events. The expected event does not occur, and the trigger fires
for each such run. For example, "Cancel long-running flows" after `Failed` applies to the failed
runs.

## Known problems

A failed run can be restarted by hand. A notification if nobody does so ("stays in Failed") is
intended, and is not reported. Another action may be intended as well.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Failed"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_keyed_by_run, is_terminal
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import FLOW_RUN

_ALARMS = {"send-notification", "send-email-notification", "call-webhook"}


def check(subject: Subject) -> Problems:
    """Check only triggers keyed by run: without a key, the event of another run may be expected."""
    actions = {one.kind for one in subject.actions}
    if actions and actions <= _ALARMS:
        return
    for event in subject.proactive:
        trigger = event.trigger
        if (
            trigger.after
            and all(map(is_terminal, trigger.after))
            and is_keyed_by_run(trigger)
            and all(name.startswith(FLOW_RUN) for name in trigger.expect)
        ):
            yield event.at("after").problem(
                "the window opens when the run has ended, and an ended run emits no more states",
                "name the state in which a run must not stay, such as prefect.flow-run.Running",
            )


RULE = Rule(__name__, __doc__, "warning", check)
