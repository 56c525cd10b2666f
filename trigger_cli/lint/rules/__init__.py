"""Every rule: the `RULE` of each file of this folder, in the order of the files' names."""

from importlib import import_module
from pkgutil import iter_modules

from trigger_cli.lint.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    import_module(f"{__name__}.{found.name}").RULE for found in iter_modules(__path__)
)
