"""A named file cannot be read.

## What it does

Reports paths that do not exist, folders without definition files, files that are too large or not
readable, and named files that define no trigger.

## Why is this bad?

The files are not checked.

## Example

```console
$ trigger-cli lint trigers.json
```

## Use instead

```console
$ trigger-cli lint triggers.json
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "error")
