"""No event of the log has this label.

## What it does

Reports labels of `match` and `match_related` that no resource of the named events has in the log (`--log`).

## Why is this bad?

A resource without the label never matches.

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:6:7: warning[TRG802] none of 12 events carries the label `region` here
```

## Use instead

```console
$ trigger-cli lint triggers.json --log events.jsonl
No findings in 1 file.
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.log import absent_labels, leaves
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject, facts: Facts) -> Problems:
    """Report every missing label, not only the first."""
    for one, leaf in leaves(subject, facts):
        for at, label in absent_labels(one, leaf):
            yield at.key_problem(
                f"none of {leaf.named} events carries the label {quoted(label)} here",
                "`trigger-cli events LOG` shows the labels of the log",
            )


RULE = Rule(__name__, __doc__, "warning", check_log=check)
