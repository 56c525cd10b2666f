"""Events of the log lack the `for_each` label.

## What it does

Reports `for_each` labels that no matching event of the log (`--log`) has.

## Why is this bad?

Events without the label share one bucket, so they are not counted separately. A label
`related:<role>:<label>` is read from the first related resource in that role only (B2).

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:7:16: warning[TRG807] none of 12 matching events carries `shop.region`, so all events share one bucket
```

## Use instead

```console
$ trigger-cli lint triggers.json --log events.jsonl
No findings in 1 file.
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.log import leaves
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.rules.trg404_key_not_carried import effect_of
from trigger_cli.lint.subject import EventAt, Subject


def check(subject: Subject, facts: Facts) -> Problems:
    """Report only if all events lack the label; some may lack it for a reason."""
    for one, leaf in leaves(subject, facts):
        if not isinstance(one, EventAt) or not leaf.matched:
            continue
        for at, label in one.each("for_each"):
            if leaf.without_key[label] == leaf.matched:
                is_related = label.startswith("related:")
                first = " in the first resource of the role" if is_related else ""
                yield at.problem(
                    f"none of {leaf.matched} matching events carries {quoted(label)}{first}, so"
                    f" {effect_of(one.trigger)}"
                )


RULE = Rule(__name__, __doc__, "warning", check_log=check)
