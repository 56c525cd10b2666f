"""Expected events occurred, but no window opened.

## What it does

Reports triggers with `after` for which the log (`--log`) has expected events, but no `after` event
that would open a window.

## Why is this bad?

Expected events are ignored until an `after` event occurs.

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:5:3: warning[TRG803] 12 expected events came, but none of `after`, so no window was opened
```

## Use instead

```console
$ trigger-cli lint triggers.json --log events.jsonl
No findings in 1 file.
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.log import leaves, never_opened, times
from trigger_cli.lint.knowledge.patterns import positive, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.model import Patterns
from trigger_cli.vocabulary import near_names


def check(subject: Subject, facts: Facts) -> Problems:
    """Report only if something matched; another rule reports the rest."""
    for one, leaf in leaves(subject, facts):
        if isinstance(one, EventAt) and never_opened(one, leaf):
            yield one.at("after").key_problem(
                f"{leaf.expected} expected event{'s' * (leaf.expected > 1)} came, but none of `after`, so no window was opened",
                _advice(one.trigger.after, facts),
            )


def _advice(after: Patterns, facts: Facts) -> str:
    for name, events in facts.names.items():
        if takes_name(after, name):
            told = f"{quoted(name)} {times(events)}"
            return f"the log has {told}, but `match` or `match_related` excludes it"
    near = near_names(positive(after), facts.names, 1)
    if near:
        return f"the nearest name in the log is {quoted(near[0].name)}, {times(near[0].events)}"
    return "no event of the log has such a name: it may begin after them"


RULE = Rule(__name__, __doc__, "warning", check_log=check)
