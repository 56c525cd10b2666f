"""Another pattern in the same list covers this pattern.

## What it does

Reports patterns in `expect`, `after` and the lists of labels that occur twice, or that a wildcard
in the same list covers.

## Why is this bad?

The pattern has no effect. A later edit of it may have no effect either.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.*", "prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.*"]
}
```
"""

from collections.abc import Iterator

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.edits import fix, remove_item
from trigger_cli.lint.knowledge.patterns import covers
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import STAR, is_negated

_MOST_WIDE = 200
"""How many of a list's patterns with stars are held against all others."""


def check(subject: Subject) -> Problems:
    """Check every list of patterns without a negated one, where the order may matter."""
    lists = [label.at for _, label in subject.labels]
    lists += [e.at(key) for e in subject.events for key in ("expect", "after") if e.has(key)]
    for listed in lists:
        patterns = [pattern for _, pattern in listed.strings()]
        if len(patterns) < 2 or any(map(is_negated, patterns)):
            continue
        for index, (pattern, by) in enumerate(zip(patterns, _covered_by(patterns), strict=True)):
            if by is not None:
                what = "is given twice" if by == pattern else f"is already covered by {quoted(by)}"
                edits = remove_item(listed, index)
                yield listed.at(index).problem(
                    f"{quoted(pattern)} {what}", "remove it", fix("remove it", edits, safe=True)
                )


def _covered_by(patterns: list[str]) -> Iterator[str | None]:
    """For each pattern another that covers it; of two that cover each other, the first stays."""
    first: dict[str, int] = {}
    for index, pattern in enumerate(patterns):
        first.setdefault(pattern, index)
    wide = [(place, one) for one, place in first.items() if STAR in one][:_MOST_WIDE]
    for index, pattern in enumerate(patterns):
        if first[pattern] < index:
            yield pattern
            continue
        covering = (
            one
            for place, one in wide
            if one != pattern
            and covers(one, pattern)
            and (place < index or not covers(pattern, one))
        )
        yield next(covering, None)


RULE = Rule(__name__, __doc__, "info", check, fixable="safe")
