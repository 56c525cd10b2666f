"""A template of an action is not valid Jinja.

## What it does

Reports templates that Jinja cannot parse, or that have more loops than Prefect allows: ten, nested
two deep. The rule checks the subject and body of a notification, the payload of a webhook, and the
parameters of `run-deployment`.

## Why is this bad?

The API refuses the automation.

## Example

```json
{
  "name": "Tell of failures",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Failed"]
  },
  "actions": [
    {
      "type": "send-notification",
      "block_document_id": "29d35854-71ee-4381-bc97-1a97731c43aa",
      "subject": "Failed",
      "body": "{{ flow_run.name }} failed: {{ flow_run.state.message }"
    }
  ]
}
```

## Use instead

```json
{
  "name": "Tell of failures",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Failed"]
  },
  "actions": [
    {
      "type": "send-notification",
      "block_document_id": "29d35854-71ee-4381-bc97-1a97731c43aa",
      "subject": "Failed",
      "body": "{{ flow_run.name }} failed: {{ flow_run.state.message }}"
    }
  ]
}
```
"""

from trigger_cli.lint.knowledge.templates import template_problem, templates
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Names in a template are not checked: an unknown name gives an empty text."""
    for action in subject.actions:
        for at, text in templates(action):
            why = template_problem(text)
            if why is not None:
                yield at.problem(
                    f"this is no valid template, so the API refuses it: {why}",
                    "close each `{{` with `}}`, each `{%` with `%}`, and each block with its end",
                )


RULE = Rule(__name__, __doc__, "error", check)
