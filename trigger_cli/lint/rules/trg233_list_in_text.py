"""A text is meant as a list or as a regular expression.

## What it does

Reports names and label patterns that list several names or values in one text
(`Failed,Crashed`, `prefect.flow-run.{Failed,Crashed}`), and regular expressions (`^etl-.*$`,
`prefect.flow-run.(Failed|Crashed)`).

## Why is this bad?

The only wildcard is `*`. Prefect compares all other characters literally, so the text matches
nothing.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.(Failed|Crashed)"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.edits import write, write_several
from trigger_cli.lint.knowledge.texts import texts
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.lists import is_regular, listed, pattern_for
from trigger_cli.match.patterns import is_negated


def check(subject: Subject) -> Problems:
    """Check names and patterns; a label is never a pattern."""
    for text in texts(subject):
        if text.kind not in {"name", "pattern"}:
            continue
        several = () if is_negated(text.text) else listed(text.text)
        if is_regular(text.text):
            message = f"Prefect takes {quoted(text.text)} literally, not as a regular expression"
        elif several:
            message = f"Prefect takes {quoted(text.text)} as one text, not as a list"
        else:
            continue
        if several:
            advice = f"write a list: {', '.join(map(quoted, several))}"
            yield text.at.problem(message, advice, write_several(text.at, several, safe=False))
        elif meant := pattern_for(text.text):
            fix = write(text.at, meant, safe=False)
            yield text.at.problem(message, f"write {quoted(meant)}", fix)
        else:
            yield text.at.problem(message, "use `*`, or list the values")


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe", hides=True)
