"""Event replay and trigger debugger for Prefect automations.

`load`, `replay`, `explain` and `lint` are the Python API (``docs/python.md``); other modules may change.
"""

import sys

# Only built-in modules: before `__main__` handles Ctrl-C, it would show a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from trigger_cli.api import TriggerCliError, explain, lint, load, replay

__version__ = "0.2.0"
__all__ = ["TriggerCliError", "explain", "lint", "load", "replay"]


def __getattr__(name: str) -> object:
    """The API, loaded on first use: the command line starts without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415  # the front page needs none of it

    return getattr(import_module("trigger_cli.api"), name)


def __dir__() -> list[str]:
    """With the API, which ``help`` and completion look for here."""
    return sorted({*globals(), *__all__})


class _Package(type(sys)):  # type: ignore[misc]  # the type of modules
    """The package; two functions of its API have the same names as subpackages."""

    def __setattr__(self, name: str, value: object) -> None:
        # On import, Python would replace the function by the subpackage.
        if name not in __all__:
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
