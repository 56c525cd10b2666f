"""A name, label or pattern contains Markdown, HTML or typographic quotes.

## What it does

Reports backslash escapes, links, bold and code markers, entities and invisible characters. They get
into a definition when it is copied from a web page or a chat.

## Why is this bad?

Prefect treats them as part of the text, so nothing matches.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"**prefect.resource.id**": "shop.*"},
  "expect": ["order.placed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.texts import texts, without_markdown
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.lists import is_regular


def check(subject: Subject) -> Problems:
    """Compare every name, label and pattern with the same text without markup."""
    for text in texts(subject):
        meant = without_markdown(text.text)
        if meant == text.text or is_regular(text.text):
            continue
        yield text.problem(
            f"{quoted(text.text)} holds markup, which Prefect takes as part of the name",
            f"write {quoted(meant)}",
            text.replaced(meant, "remove the markup"),
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe")
