"""The states that open the window also satisfy it.

## What it does

Reports Proactive triggers with several names in `after` that `expect` also matches, such as
`Pending` and `Running` with `prefect.flow-run.*`.

## Why is this bad?

An event that both opens and satisfies the window renews it: the window begins again at that event,
with a count of 0 (E4). A run that goes through several such states gets the whole `within` for each
of them, and is reported later than `within` says. Servers before 3.4.16 do not renew the window
(D19). They never report a run that goes from `Pending` to `Running` and stays there. With a
`threshold` above 1, the event is counted, and the window is renewed only when the threshold is
reached.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Pending", "prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```

## Use instead

```json
[
  {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "after": ["prefect.flow-run.Pending"],
    "expect": ["prefect.flow-run.*"],
    "for_each": ["prefect.resource.id"],
    "within": 3600
  },
  {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "after": ["prefect.flow-run.Running"],
    "expect": ["prefect.flow-run.*"],
    "for_each": ["prefect.resource.id"],
    "within": 3600
  }
]
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import positive, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """`expect` must match one of the states: then that state ends the window of the others."""
    for event in subject.proactive:
        trigger = event.trigger
        starts = positive(trigger.after)
        both = [name for name in starts if takes_name(trigger.expect, name)]
        if len(starts) > 1 and both:
            renews = trigger.threshold <= 1
            does = "renews" if renews else "counts in"
            older = "; before 3.4.16 it satisfies that window (D19)" if renews else ""
            older = subject.said_of("D19", "", older)
            yield event.at("after").problem(
                f"{quoted(both[-1])} {does} the window that another of these states has started{older}",
                "make one automation for each state",
            )


RULE = Rule(__name__, __doc__, "warning", check)
