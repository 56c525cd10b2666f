"""The automation fired often.

## What it does

Reports automations that fired at least 10 times within an hour of the log (`--log`).

## Why is this bad?

Each firing runs the actions. There are as many messages, or as many runs of a deployment, as
firings.

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:1:1: info[TRG805] fired 214 times in 7 d, at most 31 in an hour
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.log import times
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.model import EventTrigger, Trigger
from trigger_cli.times import format_duration

OFTEN = 10
"""The rule reports from this many firings in an hour."""


def check(subject: Subject, facts: Facts) -> Problems:
    """Only an info: the right number depends on the user."""
    if facts.busiest_hour >= OFTEN:
        yield subject.root.problem(
            f"fired {times(facts.firings)} in {format_duration(facts.span)}, at most {facts.busiest_hour} in an hour",
            _help(subject.root.trigger),
        )


def _help(trigger: Trigger) -> str:
    """What makes it fire less often, if that is certain for triggers of this kind."""
    match trigger:
        case EventTrigger(posture="Reactive", threshold=0 | 1, within=within, for_each=for_each):
            longer = "longer " if within else ""
            of = " of one `for_each` key, not those of others" if for_each else ""
            return f"a {longer}`within` holds back further firings in that time{of}"
    return "`trigger-cli sweep` shows how often it would fire with other values"


RULE = Rule(__name__, __doc__, "info", check_log=check)
