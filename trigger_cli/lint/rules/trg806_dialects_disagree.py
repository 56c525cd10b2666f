"""The dialects differ on this log.

## What it does

Reports automations that fire a different number of times on the log (`--log`) by the documentation
and on the open-source server.

## Why is this bad?

An automation that was tested on Prefect Cloud behaves differently on a self-hosted server.

## Example

```console
$ trigger-cli lint triggers.json --log events.jsonl
triggers.json:1:1: warning[TRG806] fires 19 times by the documentation, 21 times on the open-source server
```

## Use instead

```console
$ trigger-cli replay triggers.json --log events.jsonl --dialect server
```
"""

from trigger_cli.dialects import DIALECTS, SERVER, refused_by
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.log import times
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject, facts: Facts) -> Problems:
    """Compare only the numbers; `diff` shows equal numbers at different times."""
    if facts.firings == facts.other_firings or not facts.leaves:
        return
    refused = refused_by(SERVER, subject.automation.server_refusals)
    because = f": the server refuses it ({', '.join(refused)})" if refused else ""
    docs, server = facts.firings, facts.other_firings
    if DIALECTS[facts.dialect].is_server:
        docs, server = server, docs
    yield subject.root.problem(
        f"fires {times(docs)} by the documentation, {times(server)} on the open-source server{because}",
        "`trigger-cli replay --dialect server` shows the difference",
    )


RULE = Rule(__name__, __doc__, "warning", check_log=check)
