"""A file that was named cannot be read.

## What it does

Reports paths that name nothing, folders without definition files, files that are too large
or must not be read, and files that are named and define no trigger.

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
