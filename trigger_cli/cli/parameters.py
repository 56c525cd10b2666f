"""Options and arguments, independent of the release of typer.

Defaults, choices, texts and flags are used as they are. The converters of typer take longer to
create than the rest of the command line takes to parse: 60 ms from typer 0.29 on, which loads
pydantic (``benchmarks/run.py``, lane "start-up").
"""

from functools import partial
from typing import Any, Literal, get_args, get_origin


def converted_if_needed(params: list[Any]) -> list[Any]:
    """Use defaults, choices, texts and flags unconverted; a test checks that this is possible.

    Returns:
        The options and arguments.
    """
    for one in params:
        if not isinstance(one.process_value, partial):
            one.process_value = partial(_processed, one, one.process_value)
    return params


def _processed(param: Any, process: Any, ctx: Any, value: Any) -> Any:
    is_default = ctx.get_parameter_source(param.name).name == "DEFAULT"
    if param.required or not (is_default or is_converted(param, value)):
        return process(ctx, value)
    if value is None and (param.multiple or param.nargs == -1):
        value = ()
    return value if param.callback is None else param.callback(ctx, param, value)


def choices_of(param: Any) -> tuple[str, ...]:
    """The values that may be given; empty: any value."""
    described = _described(param)
    if described is None:
        return tuple(getattr(param.type, "choices", ()))
    return tuple(described.choices or ())


def _described(param: Any) -> Any:
    """What typer stores about a parameter's type, from 0.29 on."""
    return getattr(param, "type_descriptor", None)


def is_converted(param: Any, value: Any) -> bool:
    """Whether a conversion would return the value itself; false if that is not known."""
    described = _described(param)
    if described is None or described.parameter_info.parser is not None:
        return False
    wanted = described.annotation
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    return wanted in (str, list[str]) or (wanted is bool and isinstance(value, bool))
