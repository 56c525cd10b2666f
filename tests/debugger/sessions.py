"""Debugger sessions for tests: of the sample night, or of a few events."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, Sequence

from rich.console import Console, RenderableType
from textual.pilot import Pilot

from tests.support import SAMPLES, automations, read_log
from trigger_cli.debugger.app.app import Debugger
from trigger_cli.debugger.edits import definitions_of
from trigger_cli.debugger.loading import Loading
from trigger_cli.debugger.recorder import record
from trigger_cli.debugger.session import Given, Session
from trigger_cli.definitions import load
from trigger_cli.dialects import DOCS
from trigger_cli.model import Event
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.render.common.plain import show

NIGHT = SAMPLES / "nightly.events.jsonl"


def sample_session(triggers="", log=NIGHT, dialect=DOCS) -> Session:
    """The sample triggers (or those of one file) on the sample night."""
    path = SAMPLES / "triggers" / triggers
    definitions = load([str(path)])
    options = ReplayOptions(dialect=dialect)
    records = read_log(log)
    return Session(
        record(definitions.automations, records, options),
        options,
        definitions_of(definitions.automations, definitions.documents),
        Given([str(path)], [str(log)]),
    )


def session_of(events: Iterable[Event], *triggers, dialect=DOCS) -> Session:
    """Triggers, as a file has them, on events, which are numbered from 1."""
    numbered = [one._replace(line=line) for line, one in enumerate(events, 1)]
    options = ReplayOptions(dialect=dialect)
    recording = record(automations(*triggers), numbered, options)
    return Session(recording, options, {}, Given(["t.json"], ["log.jsonl"]))


def drive(
    session: Session | Loading,
    test: Callable[[Debugger, Pilot], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
) -> Debugger:
    """Run the app, and let a test press its keys."""

    async def run() -> Debugger:
        app = Debugger(session)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await test(app, pilot)
        return app

    return asyncio.run(run())


async def press(app: Debugger, pilot: Pilot, *keys: str) -> None:
    """Press keys one by one, each followed by the work it begins."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()


async def write(app: Debugger, pilot: Pilot, text: str) -> None:
    """Type a line into the dialog and accept it."""
    names = {" ": "space", ".": "full_stop", "=": "equals_sign", "#": "number_sign"}
    names |= {"+": "plus", "-": "minus", ":": "colon", "*": "asterisk"}
    await pilot.press(*(names.get(one, one) for one in text))
    await press(app, pilot, "enter")


def words(parts: Iterable[RenderableType], width: int = 60) -> list[str]:
    """The lines of what a pane shows, as a terminal of so many columns has them."""
    console = Console(width=width, file=io.StringIO(), color_system=None)
    show(console, *parts)
    return console.file.getvalue().splitlines()


def screen(app: Debugger) -> str:
    """The screen as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(one.text for one in strip).rstrip() for strip in strips) + "\n"


def after(
    session: Session, keys: Sequence[str], size: tuple[int, int] = (80, 24)
) -> tuple[Debugger, str]:
    """The app and its screen once the keys were pressed."""
    shown = []

    async def test(app, pilot):
        await press(app, pilot, *keys)
        shown.append(screen(app))

    return drive(session, test, size), shown[0]
