"""Two automations of a file have the same name.

## What it does

Reports automations with the name of an earlier automation of the file. Triggers of deployments are
not reported: they have the names of their deployments.

## Why is this bad?

Output, and commands that select an automation by name, do not tell the two apart:
`prefect automation delete NAME` refuses the name. A second copy of the same automation performs
each action twice.

## Example

```yaml
automations:
  - name: alert
    trigger:
      posture: Reactive
      match:
        prefect.resource.id: prefect.flow-run.*
      expect:
        - prefect.flow-run.Failed
  - name: alert
    trigger:
      posture: Reactive
      match:
        prefect.resource.id: prefect.flow-run.*
      expect:
        - prefect.flow-run.Crashed
```

## Use instead

```yaml
automations:
  - name: alert on failures
    trigger:
      posture: Reactive
      match:
        prefect.resource.id: prefect.flow-run.*
      expect:
        - prefect.flow-run.Failed
  - name: alert on crashes
    trigger:
      posture: Reactive
      match:
        prefect.resource.id: prefect.flow-run.*
      expect:
        - prefect.flow-run.Crashed
```
"""

from trigger_cli.definitions.nodes import format_pointer, locate, parse_pointer
from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Problem, Problems, Rule
from trigger_cli.model import Span


def check(file: File) -> Problems:
    """Report each automation but the first of a name."""
    names: dict[str, Span] = {}
    for document in file.documents:
        for entry in document.entries:
            if entry.pointer == entry.trigger_pointer:
                continue  # a bare trigger, or a deployment's
            pointer = (*parse_pointer(document.root, entry.pointer), "name")
            found = locate(document.root, pointer)
            name = found and found.node.value
            if found is None or not isinstance(name, str) or not name.strip():
                continue
            first = names.setdefault(name, found.node.span)
            if first != found.node.span:  # an alias in YAML has the place of its anchor
                yield Problem(
                    f"the automation on line {first.line} is named {quoted(name)} too",
                    found.node.span,
                    format_pointer(pointer),
                    "give each its own name, or remove one",
                )


RULE = Rule(__name__, __doc__, "info", check_file=check)
