"""``python -m trigger_cli``, the same as ``trigger-cli``: the command line in a process of its own.

Ctrl-C may come at any moment, also before the tool is loaded and after it is done. SIGTERM and
SIGHUP are taken as Ctrl-C is, but for the exit code: so no temporary file and no process is left.
"""

# Built in, where `signal` and `__future__` are files: until Ctrl-C is taken care of, it would show
# a traceback.
import _signal  # type: ignore[import-not-found]
import os
import sys

_INTERRUPTED = 130
_ENDS = ("SIGTERM", "SIGHUP")
_SOON = 0.001
_ALLOCATIONS = 50_000


def main() -> None:
    """Run the command line of this process."""
    # Where a shell starts something in the background, Ctrl-C is not for it.
    heeds_interrupts = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if heeds_interrupts:
        _signal.signal(_signal.SIGINT, _leave)
    import gc  # noqa: PLC0415

    from trigger_cli.root_help import answer  # noqa: PLC0415

    if answer(sys.argv[1:]):
        return
    # To load modules makes many objects and no garbage: a tenth of the time until there is an
    # answer was spent on looking for some (``benchmarks/run.py``, lane "start-up").
    gc.set_threshold(_ALLOCATIONS, 20, 20)
    from trigger_cli.cli import main as run  # noqa: PLC0415  # not for the front page
    from trigger_cli.cli.streams import prepare_streams  # noqa: PLC0415

    prepare_streams()
    sys.unraisablehook = _raise_again
    came: list[int] = []
    taken: list[int] = []
    try:
        try:
            _take_as_interrupts(taken, came)
            if heeds_interrupts:
                _signal.signal(_signal.SIGINT, _signal.default_int_handler)
            run()
        except SystemExit as end:
            if came and end.code == _INTERRUPTED:
                end.code = 128 + came[0]
            raise
        finally:
            _take_no_more(taken, heeds_interrupts=heeds_interrupts)
    except KeyboardInterrupt:  # also one that came on the way out, and ended that
        _take_no_more(taken, heeds_interrupts=heeds_interrupts)
        sys.exit(128 + came[0] if came else _INTERRUPTED)
    finally:
        gc.freeze()  # Python's last look need not go through what was loaded


def _take_as_interrupts(taken: list[int], came: list[int]) -> None:
    """Have the signals that ask for an end raise `KeyboardInterrupt`.

    `taken` gets the numbers of those that are taken so, and `came` of those that come.
    """

    def interrupt(number: int, _frame: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    for name in _ENDS:
        number = getattr(_signal, name, None)  # Windows has no SIGHUP
        # Who ignores it was started so, by `nohup` for instance.
        if number is not None and _signal.getsignal(number) is _signal.SIG_DFL:
            taken.append(number)
            _signal.signal(number, interrupt)


def _take_no_more(taken: list[int], *, heeds_interrupts: bool) -> None:
    """Leave all signals to the system: what was to be said has been said."""
    if heeds_interrupts:
        # Python's own way out would show a traceback.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    for number in taken:
        _signal.signal(number, _signal.SIG_DFL)
    if hasattr(_signal, "setitimer"):  # an interrupt that was lost need not come once more
        _signal.setitimer(_signal.ITIMER_REAL, 0)
    # Where one comes while a text is executed, as each data class has one, Python notes that nobody
    # caught it and ends itself by SIGINT at last, although it was caught. The next text clears that.
    eval("None")  # noqa: S307


def _leave(*_: object) -> None:
    """End at once: nothing has been begun."""
    os._exit(_INTERRUPTED)


def _raise_again(lost: "sys.UnraisableHookArgs") -> None:
    """An interrupt amid a callback or destructor is lost there; let it come once more, outside."""
    if issubclass(lost.exc_type, KeyboardInterrupt) and hasattr(_signal, "setitimer"):
        _signal.signal(_signal.SIGALRM, _signal.default_int_handler)
        _signal.setitimer(_signal.ITIMER_REAL, _SOON)
    elif os.environ.get("TRIGGER_CLI_DEBUG"):
        sys.__unraisablehook__(lost)


if __name__ == "__main__":
    main()
