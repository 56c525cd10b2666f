"""The app: maps keys to methods of the session, and shows the session's state in the panes."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker, WorkerCancelled, WorkerState, get_current_worker

from trigger_cli.debugger.app.dialogs import Notice, Prompt, help_text
from trigger_cli.debugger.app.keys import bindings
from trigger_cli.debugger.app.panes import FiringPane, TextPane, TimelinePane
from trigger_cli.debugger.app.tree import TriggerTree
from trigger_cli.debugger.as_commands import explain_command, replay_command, without_edits
from trigger_cli.debugger.breakpoints import FORMS, Breakpoint, nearest, parse_breakpoint
from trigger_cli.debugger.goto import HELP, find, go_to
from trigger_cli.debugger.loading import Loading
from trigger_cli.debugger.position import (
    Position,
    at_record,
    at_stop,
    at_time,
    step_event,
    step_within,
)
from trigger_cli.debugger.selection import Selection
from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.change_pane import change_lines, selection_name
from trigger_cli.debugger.views.event_pane import event_parts
from trigger_cli.debugger.views.status import footer_text, header_text, loading_text
from trigger_cli.debugger.views.timeline_pane import TimeSpan
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import as_heading

_ASK_EVERY = 0.1
"""The interval of checks while a log is being opened, seconds."""


class Debugger(App[None]):
    """The debugger on the screen; ``keys.py`` describes each `action_…`.

    Args:
        opening: The session that is being opened.
    """

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "trigger-cli debug"
    BINDINGS: ClassVar = bindings()
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual"), (120, "-wide")]  # noqa: RUF012  # as Textual has it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-high")]  # noqa: RUF012

    session: Session
    """The session; set once it is open."""

    def __init__(self, opening: Session | Loading) -> None:
        super().__init__(ansi_color=True)
        self.copied: dict[str, str] = {}
        """The copied commands, in order, each with a sentence on the edits that it lacks."""
        self.is_interrupted = False
        """Whether Ctrl-C came before the session was open."""
        self._has_panes = False
        self._at_first = ""
        """What the footer says until the cursor moves."""
        self._shown: Selection | None = None
        """The selection that the panes show."""
        self._is_leaving = False
        self._running_loop: asyncio.AbstractEventLoop | None = None
        self._loading = opening if isinstance(opening, Loading) else None
        if isinstance(opening, Session):
            self._take(opening)

    def _take(self, session: Session) -> None:
        self.session = session
        recording = session.recording
        self._whole = TimeSpan(recording.start, max(recording.end, recording.start + 1000))

    # --- The screen --------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        if self._loading is not None:
            yield Static(loading_text(self._loading, self.size.width), id="loading", markup=False)
            return
        yield Static("", id="header", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield TriggerTree(self.session)
                yield FiringPane(self.session)
            with Vertical(id="main"):
                yield TimelinePane(self.session, self._whole)
                with Vertical(id="details"):
                    yield TextPane("Event", id="event")
                    yield TextPane("What happened", id="change")
        yield Static("", id="footer", markup=False)

    def leave(self) -> None:
        """Leave as soon as the screen is complete; may be called by the handler of a signal."""
        self._is_leaving = True
        if self._running_loop is not None:
            self._running_loop.call_soon_threadsafe(self.exit)

    def on_mount(self) -> None:
        """Fill the panes, or wait until the session is open."""
        self._running_loop = asyncio.get_running_loop()
        # After Ctrl-Z the terminal has lost the screen.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self._is_leaving:
            self.exit()
        elif self._loading is None:
            self._fill()
        else:
            self._asking = self.set_interval(_ASK_EVERY, self._ask_whether_loaded)

    def _fill(self) -> None:
        self._has_panes = True
        tree = self.query_one(TriggerTree)
        tree.fill()
        tree.choose(self.session.selection)
        tree.focus()
        self._at_first = self.session.incomplete
        self.call_after_refresh(self.show)

    def _ask_whether_loaded(self) -> None:
        loading = self._loading
        assert loading is not None
        if not loading.is_over:
            text = loading_text(loading, self.size.width)
            self.query_one("#loading", Static).update(text)
            return
        self._asking.stop()
        try:
            session = loading.session
        except Exception:  # noqa: BLE001  # who opened it asks again, and tells the user
            session = None
        if session is None:
            self.exit()
            return
        self._take(session)
        # In a separate task: the app itself waits for widgets that are mounted here.
        self.run_worker(self._show_panes())

    async def _show_panes(self) -> None:
        self._loading = None
        await self.recompose()
        self._fill()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # as Textual has it
        """Before the session is open, allow only leaving; in a dialog, nothing else by keys."""
        if action in {"interrupt", "suspend_process"}:
            return True
        return len(self.screen_stack) == 1 and (self._has_panes or action == "quit")

    def action_interrupt(self) -> None:
        """Leave, by Ctrl-C."""
        self.is_interrupted = self._loading is not None
        self.exit()

    def on_resize(self) -> None:
        if self._has_panes:
            self.call_after_refresh(self.show)

    def show(self, note: str = "") -> None:
        """Update every pane."""
        session = self.session
        self._shown = session.selection
        pane = self.query_one(TimelinePane)
        pane.span = pane.span.following(self._whole, session.now)
        pane.refresh()
        event = self.query_one("#event", TextPane)
        event.show(partial(event_parts, session))
        change = self.query_one("#change", TextPane)
        # As content: Textual parses a plain string as markup.
        title = f"What happened · {selection_name(session, session.selection)}"
        change.border_title = Content(title)
        change.show(lambda _: change_lines(session))
        firings = self.query_one(FiringPane)
        firings.show()
        before = "before the edit"
        marks = ((event, "✎ with the edit"), (change, before), (firings, before))
        for shown, mark in (*marks, (pane, f"{before}, but for ✎")):
            shown.border_subtitle = mark if session.shows_edited else ""
        self.query_one("#header", Static).update(header_text(session, self.size.width))
        self.say(note or self._at_first)

    def say(self, note: str) -> None:
        """Show a note in the last line, or the keys if there is no note."""
        self.query_one("#footer", Static).update(footer_text(note, self.size.width))

    def _go(self, position: Position | None, otherwise: str) -> None:
        """Move the cursor, or show `otherwise` if there is no such position."""
        if self.session.go(position):
            self._at_first = ""
            self.show()
        else:
            self.say(otherwise)

    async def _ask(self, prompt: Prompt, then: Callable[[str], None]) -> None:
        """Show a prompt, and call `then` with its text, unless that is empty."""
        # Awaited, so that the next key finds the line.
        await self.push_screen(prompt, lambda text: then(text) if text else None)

    async def on_event(self, event: events.Event) -> None:
        """Give a prompt its keys at once.

        Otherwise they would pass through the queues of several widgets, letters through fewer than
        the keys that edit or accept the line, so that fast typing would change their order.
        """
        if isinstance(event, events.Key) and not event.is_forwarded and self._has_panes:
            prompt = self.screen
            if isinstance(prompt, Prompt) and await prompt.take(event):
                return
        await super().on_event(event)

    # --- Steps -------------------------------------------------------------------------------

    def action_step(self, by: int) -> None:
        session = self.session
        self._go(step_event(session.recording, session.position, by), _edge(by > 0))

    def action_edge(self, forward: bool) -> None:
        recording = self.session.recording
        self._go(at_stop(recording, recording.stops - 1 if forward else 0), _edge(forward))

    def action_record(self, forward: bool) -> None:
        self._step_within(self.session.index.records, "transition", forward)

    def action_firing(self, forward: bool) -> None:
        self._step_within(self.session.index.firings, "firing", forward)

    def _step_within(
        self, records: Callable[[Selection], Sequence[int]], what: str, forward: bool
    ) -> None:
        session = self.session
        own = records(session.selection)
        found = step_within(session.recording, own, session.position, forward=forward)
        self._go(found, f"No {what} {_where(forward)}.")

    async def action_goto(self) -> None:
        session = self.session

        def target(text: str) -> Position:
            return go_to(session.recording, text, session.position, session.zone)

        prompt = Prompt("Go to", [Text(HELP, "dim")], target)
        await self._ask(prompt, lambda text: self._go(target(text), "The cursor is there."))

    # --- Finding -----------------------------------------------------------------------------

    async def action_search(self) -> None:
        def search(text: str) -> None:
            self.session.searched = text
            self.action_again(forward=True)

        notes = [Text("Looked for in names, ids and labels of events.", "dim")]
        await self._ask(Prompt("Search", notes, str, self.session.searched), search)

    def action_again(self, forward: bool) -> None:
        session = self.session
        if not session.searched:
            self.say("Nothing was searched for yet: press /.")
            return
        here = session.position
        text = session.searched

        def look(progress: Callable[[int], None]) -> Callable[[], None]:
            found = find(session.recording, text, here, forward=forward, progress=progress)
            where = inert(text, 40)
            return lambda: self._go(found, f"No event with “{where}” {_where(forward)}.")

        self._work("searching", look)

    async def action_breakpoints(self) -> None:
        session = self.session
        notes = [Text.assemble((f"{form:<15} ", "bold"), meaning) for form, meaning in FORMS]
        if session.breakpoints:
            notes = [
                Text("Set (type one again to remove it):"),
                *(Text(f"  ● {inert(str(one), 60)}") for one in session.breakpoints),
                Text(),
                *notes,
            ]

        prompt = Prompt("Breakpoint", notes, parse_breakpoint)
        await self._ask(prompt, lambda text: self._toggle(parse_breakpoint(text)))

    def _toggle(self, one: Breakpoint) -> None:
        name = inert(str(one), 60)
        if not self.session.toggle(one):
            self.show(f"Removed: {name}.")
            return

        def count() -> None:
            hits = len(self.session.hits(one))
            self.show(f"Set: {name} ({hits:,} hits). c runs on to the next, C back.")

        if one.kind == "divergence":
            self._with_other_dialect(count)
        else:
            count()

    def action_run(self, forward: bool) -> None:
        if not self.session.breakpoints:
            self.say("No breakpoint is set: press b.")
            return
        self._go(self.session.next_hit(forward=forward), f"No breakpoint {_where(forward)}.")

    def action_divergence(self, forward: bool) -> None:
        def go() -> None:
            hits = self.session.hits(Breakpoint("divergence"))
            found = nearest([hits], self.session.position, forward=forward)
            self._go(found, f"The dialects do not differ {_where(forward)}.")
            self.query_one(TimelinePane).refresh()

        self._with_other_dialect(go)

    # --- Changing ----------------------------------------------------------------------------

    def action_dialect(self) -> None:
        def switch(progress: Callable[[int], None]) -> Callable[[], None]:
            return partial(switched, self.session.switch_dialect(progress))

        def switched(show: Callable[[], None]) -> None:
            show()
            tree = self.query_one(TriggerTree)
            tree.fill()
            tree.choose(self.session.selection)
            self.show(f"Now in the {self.session.recording.dialect.name} dialect.")

        self._work(f"replaying in the {self.session.other_dialect} dialect", switch)

    async def action_edit(self) -> None:
        session = self.session
        index = session.selection.automation
        if index is None or index not in session.definitions:
            self.say("Select an automation in the tree first.")
            return
        trigger = session.index.trigger(session.selection)
        assert trigger is not None
        path = trigger.path
        definition = session.definitions[index]
        notes = [
            Text.assemble((f"{name} = ", "bold"), inert(value, 200) or "(not given)")
            for name, value in definition.fields(path)
        ]
        title = f"Edit FIELD = VALUE of {selection_name(session, Selection(index, path))}"

        def apply(text: str) -> None:
            self._work("replaying", partial(self._edited, index, path, text))

        await self._ask(Prompt(title, notes, partial(definition.edited, path)), apply)

    def _edited(
        self, index: int, path: str, text: str, progress: Callable[[int], None]
    ) -> Callable[[], None]:
        put = self.session.edit(index, path, text, progress)

        def done() -> None:
            edited = put()
            gained, lost = len(edited.difference.gained), len(edited.difference.lost)
            self.query_one(TriggerTree).relabel()
            self.show(f"Firings: {gained:,} more (+), {lost:,} fewer (−). E forgets the edit.")

        return done

    def action_forget(self) -> None:
        self.session.forget_edits()
        self.query_one(TriggerTree).relabel()
        self.show("The edits are forgotten.")

    def action_copy(self, command: str) -> None:
        if command == "explain":
            text = explain_command(self.session)
        else:
            text = replay_command(self.session, self.query_one(TimelinePane).span)
        lacking = without_edits(self.session)
        self.copied[text] = lacking or self.copied.get(text, "")
        self.copy_to_clipboard(text)
        body = Text(inert(text, 4_000))
        if lacking:
            body.append(f"\n\n{as_heading(lacking)}", "yellow")
        note = (
            "It is in the clipboard, if your terminal allows that, and is printed when you leave."
        )
        self.push_screen(Notice("Copied", Text.assemble(body, "\n\n", (note, "dim"))))

    # --- View --------------------------------------------------------------------------------

    def action_zoom(self, closer: bool) -> None:
        pane = self.query_one(TimelinePane)
        pane.span = pane.span.zoomed(self._whole, self.session.now, closer=closer)
        self.show()

    def action_zoom_all(self) -> None:
        self.query_one(TimelinePane).span = self._whole
        self.show()

    def action_maximize(self) -> None:
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif self.focused is not None:
            self.screen.maximize(self.focused, container=False)
        self.call_after_refresh(self.show)

    def action_help(self) -> None:
        self.push_screen(Notice("Keys", help_text(self.size.width)))

    # --- Mouse and selection -------------------------------------------------------------------

    def on_tree_node_highlighted(self) -> None:
        if self.session.selection != self._shown:
            self.show()

    def on_timeline_pane_clicked(self, event: TimelinePane.Clicked) -> None:
        if event.instant is not None:
            self._go(at_time(self.session.recording, event.instant), "The cursor is there.")
        elif event.selection is not None:
            self.query_one(TriggerTree).choose(event.selection)

    def on_firing_pane_chosen(self, event: FiringPane.Chosen) -> None:
        self._go(at_record(self.session.recording, event.seq), "The cursor is there.")

    # --- Long work -----------------------------------------------------------------------------

    def _with_other_dialect(self, then: Callable[[], None]) -> None:
        session = self.session
        if session.dialect_difference is not None:
            then()
            return

        def replay(progress: Callable[[int], None]) -> Callable[[], None]:
            session.replay_other(progress)
            return then

        self._work(f"replaying in the {session.other_dialect} dialect", replay)

    def _work(self, what: str, work: Callable[[Callable[[int], None]], Callable[[], None]]) -> None:
        """Run `work` in a thread, and the function that it returns in the screen's thread."""
        total = max(len(self.session.recording.events), 1)

        def run() -> Callable[[], None]:
            worker = get_current_worker()

            def progress(done: int) -> None:
                if worker.is_cancelled:
                    raise WorkerCancelled
                self.call_from_thread(self.say, f"{what}: {100 * done // total} %")

            return work(progress)

        self.run_worker(run, thread=True, exclusive=True, exit_on_error=True)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.SUCCESS and callable(event.worker.result):
            event.worker.result()


def _where(forward: bool) -> str:
    return "after this" if forward else "before this"


def _edge(forward: bool) -> str:
    return "This is the end." if forward else "This is the start."
