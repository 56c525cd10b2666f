"""``python -m trigger_cli``, the same as ``trigger-cli``: the entry point of the process.

Ctrl-C may come at any time, even before the program is loaded and after it is done. SIGTERM and
SIGHUP are handled like Ctrl-C, with other exit codes: so no temporary file or process is left.
"""

# Built in; `signal` and `__future__` are files, and while they load Ctrl-C would show a traceback.
import _signal  # type: ignore[import-not-found]
import os
import sys

_INTERRUPTED = 130
_ENDS = ("SIGTERM", "SIGHUP")
_SOON = 0.001
_ALLOCATIONS = 50_000


def main() -> None:
    """Run the command line of this process."""
    # A shell ignores SIGINT for commands that it starts in the background.
    heeds_interrupts = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if heeds_interrupts:
        _signal.signal(_signal.SIGINT, _leave)
    import gc  # noqa: PLC0415

    from trigger_cli.root_help import answer  # noqa: PLC0415

    if answer(sys.argv[1:]):
        return
    # Loading modules creates many objects and no garbage: a tenth of the start-up time was spent on
    # garbage collection (``benchmarks/run.py``, lane "start-up").
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
    except KeyboardInterrupt:  # also an interrupt during the exit
        _take_no_more(taken, heeds_interrupts=heeds_interrupts)
        sys.exit(128 + came[0] if came else _INTERRUPTED)
    finally:
        gc.freeze()  # the final collection at exit then skips loaded objects


def _take_as_interrupts(taken: list[int], came: list[int]) -> None:
    """Raise `KeyboardInterrupt` for the signals that ask the process to end.

    The numbers of the handled signals are added to `taken`, those of received signals to `came`.
    """

    def interrupt(number: int, _frame: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    for name in _ENDS:
        number = getattr(_signal, name, None)  # Windows has no SIGHUP
        # A signal may be ignored on purpose, by `nohup` for instance.
        if number is not None and _signal.getsignal(number) is _signal.SIG_DFL:
            taken.append(number)
            _signal.signal(number, interrupt)


def _take_no_more(taken: list[int], *, heeds_interrupts: bool) -> None:
    """Restore the default handling of all signals: the output is complete."""
    if heeds_interrupts:
        # Python's handling at exit would show a traceback.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    for number in taken:
        _signal.signal(number, _signal.SIG_DFL)
    if hasattr(_signal, "setitimer"):  # a lost interrupt need not be raised again
        _signal.setitimer(_signal.ITIMER_REAL, 0)
    # If an interrupt comes while a text is executed, as in each data class, Python records it as
    # uncaught and ends itself by SIGINT, although it was caught. The next `eval` clears the record.
    eval("None")  # noqa: S307


def _leave(*_: object) -> None:
    """Exit at once: nothing has started yet."""
    os._exit(_INTERRUPTED)


def _raise_again(lost: "sys.UnraisableHookArgs") -> None:
    """An interrupt in a callback or destructor is lost there; raise it again a little later."""
    if issubclass(lost.exc_type, KeyboardInterrupt) and hasattr(_signal, "setitimer"):
        _signal.signal(_signal.SIGALRM, _signal.default_int_handler)
        _signal.setitimer(_signal.ITIMER_REAL, _SOON)
    elif os.environ.get("TRIGGER_CLI_DEBUG"):
        sys.__unraisablehook__(lost)


if __name__ == "__main__":
    main()
