"""Options and arguments, whichever release of typer made them.

Defaults and texts are taken as they are. What typer needs to convert them takes longer to make than
the command line takes to read otherwise: 60 ms from typer 0.29 on, which loads pydantic
(``benchmarks/run.py``, lane "start-up").
"""

from __future__ import annotations

from functools import partial
from typing import Any


def keep_defaults(params: list[Any]) -> list[Any]:
    """Have the defaults of options and arguments taken as they are; a test holds that they can be.

    Returns:
        The options and arguments.
    """
    for one in params:
        if not isinstance(one.process_value, partial):
            one.process_value = partial(_processed, one, one.process_value)
    return params


def _processed(param: Any, process: Any, ctx: Any, value: Any) -> Any:
    is_default = ctx.get_parameter_source(param.name).name == "DEFAULT"
    if param.required or not (is_default or _is_text(param)):
        return process(ctx, value)
    if value is None and (param.multiple or param.nargs == -1):
        value = ()
    return value if param.callback is None else param.callback(ctx, param, value)


def choices_of(param: Any) -> tuple[str, ...]:
    """What may be given; nothing: anything."""
    described = _described(param)
    if described is None:
        return tuple(getattr(param.type, "choices", ()))
    return tuple(described.choices or ())


def _described(param: Any) -> Any:
    """What typer knows of a parameter's type, from 0.29 on."""
    return getattr(param, "type_descriptor", None)


def _is_text(param: Any) -> bool:
    """Whether its values are texts, as they are given; where that is not known, no."""
    described = _described(param)
    return (
        described is not None
        and described.annotation in (str, list[str])
        and described.parameter_info.parser is None
    )
