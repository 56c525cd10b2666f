"""`match_related` has a negated pattern.

## What it does

Reports `!` patterns in `match_related` (D2).

## Why is this bad?

By the documentation, `"!prefect.tag.dev"` means "not tagged dev". The open-source server looks for
*some other* related resource: a run tagged `dev` and `etl` matches, and a run without tags does not
match.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "!prefect.tag.dev",
    "prefect.resource.role": "tag"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.tag.production",
    "prefect.resource.role": "tag"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import is_negated


def check(subject: Subject) -> Problems:
    """Report every negated pattern."""
    for _, label in subject.related_labels:
        for at, pattern in label.at.strings():
            if is_negated(pattern):
                yield at.problem(
                    f'the open-source server takes {quoted(pattern)} as "some other related resource" (D2)',
                    "match what is wanted, for instance a tag that the others do not have",
                )


RULE = Rule(__name__, __doc__, "warning", check, row="D2")
