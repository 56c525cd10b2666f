"""``--var``: the values of template variables in definitions.

The commands do not handle this option: definitions are read with these values and the environment,
as ``prefect deploy`` reads them.
"""

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any, Final

from trigger_cli.cli.shared_options import Variables, with_options

WITHOUT_DEFINITIONS: Final = {"rule", "schema", "fetch", "events", "demo", "init"}
"""The commands that do not read definitions."""


def with_variables(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The command's function with ``--var``; unchanged for a command without definitions."""
    if name in WITHOUT_DEFINITIONS:
        return function

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        from trigger_cli.definitions.templates import Values, filling_in

        variables = {one.label: one.value for one in given.pop("var") or []}
        with filling_in(Values(variables, os.environ)):
            return function(**given)

    signature = inspect.signature(function, eval_str=True)
    return with_options(command, signature.parameters.values(), {"var": (Variables, None)})
