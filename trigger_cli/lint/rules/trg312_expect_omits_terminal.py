"""`expect` omits states in which a run can end.

## What it does

Reports Proactive triggers whose window opens at a state of a run and whose `expect` names some
states, but not all that can end the run: `Completed`, `Failed`, `Crashed`, `Cancelled`, `TimedOut`.

## Why is this bad?

A run that ends in an unlisted state does not satisfy the window. The trigger fires for a run that
is over, and an action that cancels or crashes the run fails.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.Completed"],
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
  "expect": [
    "prefect.flow-run.Completed",
    "prefect.flow-run.Failed",
    "prefect.flow-run.Crashed",
    "prefect.flow-run.Cancelled",
    "prefect.flow-run.TimedOut"
  ],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.lint.edits import add_items, fix
from trigger_cli.lint.knowledge.catalog import matched_by
from trigger_cli.lint.knowledge.names import diagnose
from trigger_cli.lint.knowledge.patterns import is_about_runs, is_terminal, may_run, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.model import Patterns
from trigger_cli.vocabulary import (
    ONLY_AFTER_RUNNING,
    RUN_PREFIXES,
    RUNNING_STATES,
    TERMINAL_STATES,
)


def check(subject: Subject) -> Problems:
    """Names are corrected first: other rules report misspelled ones."""
    for event in subject.proactive:
        missing, runs_first = _missing(event)
        if missing:
            at = event.at("expect")
            states = ", ".join(name.rpartition(".")[2] for name in missing)
            edits = add_items(at, missing)
            yield at.problem(
                f"a run that ends as {states}{' before it runs' if runs_first else ''} does not"
                " satisfy this window, so the trigger fires for it",
                "expect every way in which a run can end",
                fix(f"expect {states} as well", edits, safe=False),
            )


def _missing(event: EventAt) -> tuple[list[str], bool]:
    """The ends that do not satisfy the window, and whether a run that runs first satisfies it."""
    trigger = event.trigger
    if not trigger.expect or not trigger.after:
        return [], False
    after, expect = _meant(trigger.after), _meant(trigger.expect)
    if not is_about_runs(after + expect) or any(map(is_terminal, after)):
        return [], False
    if not all(map(matched_by, after + expect)):
        return [], False
    kind = next(kind for kind in RUN_PREFIXES if after[0].startswith(kind))
    ends = [kind + state for state in TERMINAL_STATES]
    runs_first = not any(map(may_run, after)) and all(
        takes_name(expect, kind + state) for state in RUNNING_STATES
    )
    if runs_first:
        # The window is satisfied before the run can reach that state.
        ends = [kind + state for state in TERMINAL_STATES if state not in ONLY_AFTER_RUNNING]
    return [name for name in ends if not takes_name(expect, name)], runs_first


def _meant(names: Patterns) -> Patterns:
    """The names as other rules would correct them."""
    found = ((name, diagnose(name)) for name in names)
    return tuple(wrong.meant if wrong and wrong.meant else name for name, wrong in found)


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe")
