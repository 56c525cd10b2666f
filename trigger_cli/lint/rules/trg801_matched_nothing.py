"""No event of the log matches.

## What it does

Reports triggers whose conditions no event of the log (`--log`) meets, with the nearest event name,
label or value in the log.

## Why is this bad?

Either no such event occurred while the log was recorded, or a name is wrong.

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:4:14: warning[TRG801] none of the 216 events is called `order.payed`
```

## Use instead

```console
$ trigger-cli lint triggers.json --log events.jsonl
No findings in 1 file.
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.facts import Facts, LeafFacts
from trigger_cli.lint.knowledge.log import culprit, events, leaves
from trigger_cli.lint.rule import Problem, Problems, Rule
from trigger_cli.lint.subject import LeafAt, MetricAt, Subject
from trigger_cli.match.patterns import NEGATION
from trigger_cli.vocabulary import near_names


def check(subject: Subject, facts: Facts) -> Problems:
    """Report the first condition that no event passes."""
    for one, leaf in leaves(subject, facts):
        if not leaf.named:
            yield _unnamed(one, facts)
        elif not leaf.matched:
            yield _unmatched(one, leaf)


def _unnamed(one: LeafAt, facts: Facts) -> Problem:
    if isinstance(one, MetricAt):
        return one.at("metric").problem(
            f"none of the {facts.events} events is a change of a flow run's state"
        )
    names = [(at, name) for at, name in one.each("expect") if not name.startswith(NEGATION)]
    if not names:
        return one.at("expect").problem(f"none of the {facts.events} events is taken")
    at, name = names[0]
    near = near_names([name], facts.names, 1)
    wanted = "is called" if "*" not in name else "has a name like"
    more = len(names) - 1
    others = f" or {more} other name{'s' if more > 1 else ''}" if more else ""
    return at.problem(
        f"none of the {facts.events} events {wanted} {quoted(name)}{others}",
        f"the nearest is {quoted(near[0].name)}, {near[0].events} times" if near else None,
    )


def _unmatched(one: LeafAt, leaf: LeafFacts) -> Problem:
    found = culprit(one, leaf)
    if found is None:
        return one.problem(
            f"{events(leaf.named, 'has', 'have')} the name, and none meets all the conditions of `match` and `match_related`"
        )
    at, message, advice = found
    return at.problem(f"{events(leaf.named, 'has', 'have')} the name, {message}", advice)


RULE = Rule(__name__, __doc__, "warning", check_log=check)
