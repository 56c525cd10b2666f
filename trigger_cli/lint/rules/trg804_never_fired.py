"""The automation never fired.

## What it does

Reports automations for which the log (`--log`) has matching events, but which did not fire. A watch whose
deadline is after the log's end has not fired yet.

## Why is this bad?

This may be intended. `trigger-cli explain` shows the nearest miss.

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:1:1: info[TRG804] 3 events meet its conditions in 2 h 40 min, and it never fired
```

## Use instead

```console
$ trigger-cli explain triggers.json --log events.jsonl
```
"""

from itertools import starmap

from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.log import events, leaves, never_opened
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.times import format_duration


def check(subject: Subject, facts: Facts) -> Problems:
    """Report only if all triggers matched, and one could open; other rules report the rest."""
    found = [*leaves(subject, facts)]
    # Left out by the dialect (D11), or without any facts.
    if facts.firings or not found:
        return
    if any(not leaf.matched for _, leaf in found) or all(starmap(never_opened, found)):
        return
    told = "it never fired", "`trigger-cli explain` shows how near it came"
    if facts.is_pending:
        told = (
            "it has not fired yet: its deadline is after the log's end",
            "`trigger-cli explain` shows its deadline",
        )
    verdict, advice = told
    met = events(facts.matched, "meets", "meet")
    span = format_duration(facts.span)
    yield subject.root.problem(f"{met} its conditions in {span}, and {verdict}", advice)


RULE = Rule(__name__, __doc__, "info", check_log=check)
