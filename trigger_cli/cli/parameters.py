"""Options and arguments, independent of the release of typer.

Correct values are converted here. The converters of typer take longer to create than the rest of
the command line takes to parse: 60 ms from typer 0.29 on, which loads pydantic
(``benchmarks/run.py``, lane "start-up"). A value that may be wrong is left to them, so that the
errors are typer's.
"""

from functools import partial
from typing import Any, Final, Literal, get_args, get_origin

import typer

LEFT_TO_TYPER: Final = object()
"""The result for a value that typer must convert, or refuse."""
_MOST_DIGITS = 9


def quickly_converted(params: list[Any]) -> list[Any]:
    """Convert correct values without typer's converters; a test compares the results.

    Returns:
        The options and arguments.
    """
    for one in params:
        if not isinstance(one.process_value, partial):
            one.process_value = partial(_processed, one, one.process_value)
    return params


def _processed(param: Any, process: Any, ctx: Any, given: Any) -> Any:
    is_default = ctx.get_parameter_source(param.name).name == "DEFAULT"
    value = given if is_default else converted(param, given)
    if value is LEFT_TO_TYPER or (param.required and value in (None, (), [])):
        return process(ctx, given)
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


def converted(param: Any, value: Any) -> Any:
    """The value that typer would convert this one to, or `LEFT_TO_TYPER`."""
    described = _described(param)
    if described is None:
        return LEFT_TO_TYPER
    about, wanted = described.parameter_info, described.annotation
    if about.parser is not None:
        try:
            several = param.multiple or param.nargs != 1
            return [*map(about.parser, value)] if several else about.parser(value)
        except (ValueError, typer.BadParameter):
            return LEFT_TO_TYPER
    is_itself = (
        value in get_args(wanted)
        if get_origin(wanted) is Literal
        else wanted in (str, list[str]) or (wanted is bool and isinstance(value, bool))
    )
    if is_itself:
        return value
    if wanted is int and value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS:
        number = int(value)
        least = number if about.min is None else about.min
        most = number if about.max is None else about.max
        return number if least <= number <= most else LEFT_TO_TYPER
    return LEFT_TO_TYPER
