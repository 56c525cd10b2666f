"""A JSON file has comments.

## What it does

Reports the first comment of a `*.json` file. trigger-cli accepts comments; strict JSON does not.
Comments with instructions for trigger-cli are not reported.

## Why is this bad?

Prefect's command line and API read strict JSON and refuse the file.

## Example

```json
{
  // orders come from the shop
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
}
```

## Use instead

```yaml
# orders come from the shop
type: event
posture: Reactive
match:
  prefect.resource.id: "shop.*"
expect:
  - order.placed
```
"""

from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Problem, Problems, Rule


def check(file: File) -> Problems:
    """Report once, with the number of comments."""
    if not file.is_json:
        return
    comments = [span for span, text in file.comments if "trigger-cli:" not in text]
    if comments:
        count = len(comments)
        number = f"{count} comments" if count > 1 else "a comment"
        yield Problem(
            f"found {number} in a JSON file, which Prefect itself does not read",
            comments[0],
            "",
            "use YAML, which has comments",
        )


RULE = Rule(__name__, __doc__, "info", check_file=check)
