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

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.edits import fix, remove_item
from trigger_cli.lint.knowledge.patterns import covers
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import is_negated


def check(subject: Subject) -> Problems:
    """Check every list of patterns without a negated one, where the order may matter."""
    lists = [label.at for _, label in subject.labels]
    lists += [e.at(key) for e in subject.events for key in ("expect", "after") if e.has(key)]
    for listed in lists:
        patterns = [pattern for _, pattern in listed.strings()]
        if len(patterns) < 2 or any(map(is_negated, patterns)):
            continue
        for index, pattern in enumerate(patterns):
            by = _covered_by(patterns, index)
            if by is not None:
                what = "is given twice" if by == pattern else f"is already covered by {quoted(by)}"
                edits = remove_item(listed, index)
                yield listed.at(index).problem(
                    f"{quoted(pattern)} {what}", "remove it", fix("remove it", edits, safe=True)
                )


def _covered_by(patterns: list[str], index: int) -> str | None:
    pattern = patterns[index]
    for other, candidate in enumerate(patterns):
        if other == index or not (candidate == pattern or covers(candidate, pattern)):
            continue
        # Of two equal patterns the later one is removed.
        if other < index or not covers(pattern, candidate):
            return candidate
    return None


RULE = Rule(__name__, __doc__, "info", check, fixable="safe")
