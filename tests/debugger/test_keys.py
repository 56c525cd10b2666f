"""Every key does what the help says."""

import pytest
from textual.events import Key, MouseScrollUp

from tests.debugger.sessions import after, drive, press, sample_session, screen, write
from trigger_cli.debugger.app.app import Debugger
from trigger_cli.debugger.app.dialogs import help_text
from trigger_cli.debugger.app.keys import GROUPS
from trigger_cli.debugger.as_commands import without_edits
from trigger_cli.debugger.breakpoints import Breakpoint
from trigger_cli.debugger.position import at_record, at_stop, at_time
from trigger_cli.debugger.selection import EVERYTHING, Selection

# By action, the test below that presses its keys.
KEYS = [key for _, keys in GROUPS for key in keys]


def test_every_key_is_in_the_help():
    """The help is made of the same list as the bindings."""
    text = help_text(80).plain
    assert [] == [key for key in KEYS if f"{key.shown:<4}{key.help}" not in text]


@pytest.mark.parametrize("width", [80, 160])
def test_the_help_fits(width):
    """No line of it is wider than the dialog."""
    room = min(width * 9 // 10, 110) - 4
    lines = help_text(width).split("\n")
    # Only the note on the mouse may wrap.
    assert [] == [line.plain for line in lines[:-1] if line.cell_len > room]


def test_the_help_scrolls_to_its_end():
    """Its last line can be reached where it does not fit, and how to close it stays in sight."""
    _, text = after(sample_session("09-threshold-within.json"), ["question_mark", "end"], (80, 24))
    assert "the timeline zooms." in text
    assert "Esc closes" in text


@pytest.mark.parametrize("place", range(len(GROUPS)))
def test_no_key_fails(place):
    """Each key of a group can be pressed, and Escape leaves what it opened."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        for key in GROUPS[place][1]:
            for name in key.keys.split(",") if key.action != "quit" else ():
                await press(app, pilot, name, "escape")
                assert session is app.session, f"{name}: {key.action}"

    drive(session, test)


def test_it_starts_where_the_only_automation_takes_an_event():
    """Events of others come before it; with several automations, the log's first event is shown."""
    session = sample_session("09-threshold-within.json")
    recording, stop = session.recording, session.position.stop
    assert 0 < stop
    assert at_stop(recording, stop) == session.position
    assert "prefect.flow-run.Completed" == recording.events[recording.stop_event(stop)].name
    assert session.index.records(session.selection)[0] in recording.stop_records(stop)
    assert 0 == sample_session().position.stop


def test_keys_keep_their_order_however_fast_they_come():
    """A line that was typed before its prompt was drawn, with an editing key, and a key after it."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        for one in "g#12x\b8\rL":
            names = {"#": "number_sign", "\b": "backspace", "\r": "enter"}
            app.post_message(Key(names.get(one, one), one if one.isprintable() else None))
        await pilot.pause()
        line = session.recording.stop_of_event(session.recording.events.at_line(128))
        assert at_stop(session.recording, line + 100) == session.position

    drive(session, test)


def test_a_key_after_a_selection_is_of_that_selection():
    """Both in one burst, as a terminal gives them that was busy; `f` was of the one before."""
    session = sample_session()

    async def test(app, pilot):
        for name in ("down", "down", "down", "f"):
            app.post_message(Key(name, name if name == "f" else None))
        await pilot.pause()
        assert Selection(2) == session.selection
        firing = session.index.firings(session.selection)[0]
        assert at_record(session.recording, firing) == session.position

    drive(session, test)


def test_steps():
    """By event, by a hundred, by record of the selection, by firing, and to both ends."""
    session = sample_session("09-threshold-within.json")
    recording = session.recording
    first, second, *_ = (at_record(recording, one) for one in recording.root_firings)
    steps = {
        ("right", "right", "left"): at_stop(recording, 1),
        ("l", "l", "h"): at_stop(recording, 1),
        ("L", "L", "H"): at_stop(recording, 100),
        ("right_square_bracket",) * 3 + ("left_square_bracket",): at_record(recording, 1),
        ("f", "f"): second,
        ("f", "f", "F"): first,
    }

    async def test(app, pilot):
        for keys, there in steps.items():
            await press(app, pilot, "less_than_sign", *keys)
            assert there == session.position, keys
        await press(app, pilot, "greater_than_sign", "right")
        assert recording.stops - 1 == session.position.stop
        assert "This is the end." in screen(app)
        await press(app, pilot, "less_than_sign", "left")
        assert "This is the start." in screen(app)

    drive(session, test)


def test_go_to():
    """A line of the log; a wrong place is answered in the dialog."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        await press(app, pilot, "g")
        await write(app, pilot, "nowhere")
        assert "neither a time" in screen(app)
        await press(app, pilot, "escape", "g")
        await write(app, pilot, "#128")

    drive(session, test)
    event = session.recording.stop_event(session.position.stop)
    assert 128 == session.recording.events[event].line


def test_search():
    """The next events with the text, and the previous again."""
    session = sample_session("09-threshold-within.json")
    lines = []

    async def test(app, pilot):
        await press(app, pilot, "slash")
        await write(app, pilot, "lemur")
        for key in ("n", "N"):
            event = session.recording.stop_event(session.position.stop)
            lines.append(event)
            await press(app, pilot, key)
        lines.append(session.recording.stop_event(session.position.stop))
        await press(app, pilot, "slash", *["backspace"] * 5)
        await write(app, pilot, "zzz")
        assert "No event with “zzz” after this." in screen(app)

    drive(session, test)
    assert lines[0] < lines[1]
    assert lines[0] == lines[2]


def test_breakpoints():
    """Set, run to, run back, and removed by typing it again."""
    session = sample_session("09-threshold-within.json")
    firings = session.recording.root_firings

    async def test(app, pilot):
        await press(app, pilot, "c")
        assert "No breakpoint is set" in screen(app)
        await press(app, pilot, "b")
        await write(app, pilot, "firing")
        assert "(3 hits)" in screen(app)
        await press(app, pilot, "c", "c")
        assert at_record(session.recording, firings[1]) == session.position
        await press(app, pilot, "C")
        assert at_record(session.recording, firings[0]) == session.position
        await press(app, pilot, "C")
        assert "No breakpoint before this." in screen(app)
        await press(app, pilot, "b")
        assert "● firing" in screen(app)
        await write(app, pilot, "firing")
        assert [] == session.breakpoints

    drive(session, test)


def test_a_divergence_breakpoint():
    """The log is replayed in the other dialect first."""
    session = sample_session("11-proactive.json")

    async def test(app, pilot):
        await press(app, pilot, "b")
        await write(app, pilot, "divergence")
        assert [Breakpoint("divergence")] == session.breakpoints
        await press(app, pilot, "c")
        assert session.dialect_difference.instants[0] >= session.now
        assert "≠ dialects" in screen(app)

    drive(session, test)


def test_divergences():
    """From one to the next, and back."""
    session = sample_session("11-proactive.json")
    stops = []

    async def test(app, pilot):
        for key in ("x", "x", "X", "X"):
            await press(app, pilot, key)
            stops.append(session.position.stop)
        assert "do not differ before this" in screen(app)

    drive(session, test)
    first, second, *back = stops
    assert first < second
    assert [first, first] == back


def test_editing():
    """The difference is said and drawn, and forgotten again."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        await press(app, pilot, "up", "e")
        assert "Select an automation" in screen(app)
        await press(app, pilot, "down", "e")
        await write(app, pilot, "threshold = many")
        assert "threshold" in screen(app)
        await press(app, pilot, "escape", "e")
        await write(app, pilot, "threshold = 3")
        shown = screen(app)
        assert "Firings: 1 more (+), 3 fewer (−)." in shown
        assert "✎ threshold=3" in shown
        assert "−" in next(line for line in shown.splitlines() if "✎ threshold" in line)
        # Panes that show the definition as it was read say so, also where everything is selected.
        assert "★3→1" in shown
        marked = ["before the edit, but for ✎", "with the edit", "before the edit"]
        assert all(one in shown for one in marked)
        await press(app, pilot, "up")
        assert all(one in screen(app) for one in marked)
        await press(app, pilot, "E")
        assert "✎ threshold=3" not in screen(app)
        assert "the edit" not in screen(app).replace("The edits are forgotten", "")

    drive(session, test)
    assert {} == session.edited


def test_the_dialect():
    """Switched at the same event, and back; the selection stays."""
    session = sample_session("11-proactive.json")

    async def test(app, pilot):
        await press(app, pilot, "down", "L")
        event = session.recording.stop_event(session.position.stop)
        await press(app, pilot, "d")
        assert "server-3.9" == session.recording.dialect.name
        assert event == session.recording.stop_event(session.position.stop)
        assert Selection(0) == session.selection
        assert "server-3.9 dialect" in screen(app)
        await press(app, pilot, "d")
        assert "docs dialect" in screen(app)

    drive(session, test)


def test_copying():
    """The command is shown, put into the clipboard, and kept to be printed."""
    copied = []

    async def test(app, pilot):
        await press(app, pilot, "f")
        for key, command in (("y", "explain"), ("Y", "replay")):
            await press(app, pilot, key)
            assert f"trigger-cli {command}" in screen(app)
            assert f"trigger-cli {command}" in app.clipboard
            copied.append(app.clipboard)
            assert dict.fromkeys(copied, "") == app.copied
            await press(app, pilot, "escape")

    drive(sample_session("09-threshold-within.json"), test)


def test_copying_after_an_edit():
    """The command reads the file, so it says that it lacks the edit; of what is selected alone."""
    session = sample_session("09-threshold-within.json")
    session.edit(0, "$", "threshold = 3")()
    app, text = after(session, ["y"])
    shown = " ".join(text.replace("│", " ").split())
    assert "The command shows what was before the edit (threshold=3 of" in shown
    [lacking] = app.copied.values()
    assert lacking.endswith("write it into " + session.automations[0].source)
    session.selection = Selection(1)
    assert "" == without_edits(session)


def test_zooming():
    """Halved about the cursor, doubled, and all of it."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        pane = app.query_one("#timeline")
        whole = pane.span
        await press(app, pilot, "f", "plus")
        assert whole.length // 2 == pane.span.length
        assert pane.span.start <= session.now <= pane.span.end
        await press(app, pilot, "greater_than_sign")
        assert pane.span.start <= session.now <= pane.span.end
        await press(app, pilot, "minus")
        assert whole.length - 1 <= pane.span.length
        await press(app, pilot, "plus", "plus", "0")
        assert whole == pane.span

    drive(session, test)


def test_panes_take_turns():
    """Tab goes round, z shows one alone and all again."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        focused = []
        for _ in range(5):
            focused.append(app.focused.id)
            await press(app, pilot, "tab")
        assert ["tree", "firings", "timeline", "event", "change"] == focused
        assert "tree" == app.focused.id
        await press(app, pilot, "z")
        assert "tree" == app.screen.maximized.id
        await press(app, pilot, "z")
        assert app.screen.maximized is None

    drive(session, test)


def test_the_tree_selects():
    """The only automation at first; its buckets are below it once it is opened."""
    session = sample_session("12-proactive-for-each.json")

    async def test(app, pilot):
        assert Selection(0) == session.selection
        await press(app, pilot, "up")
        assert EVERYTHING == session.selection
        await press(app, pilot, "down", "enter", "down")
        assert session.selection.key is not None

    drive(session, test)


def test_a_firing_is_chosen_from_the_list():
    """Enter goes to the one that is marked, a click to the one that is clicked."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        await press(app, pilot, "tab", "enter")
        assert at_record(session.recording, session.recording.root_firings[0]) == session.position
        await pilot.click("#firings", offset=(5, 3))
        await pilot.pause()
        assert at_record(session.recording, session.recording.root_firings[2]) == session.position

    drive(session, test)


def test_the_mouse_on_the_timeline():
    """A click on the axis goes there, on a name selects it; the wheel zooms."""
    session = sample_session()

    async def test(app, pilot):
        pane = app.query_one("#timeline")
        whole = pane.span
        await pilot.click("#timeline", offset=(45, 3))
        await pilot.pause()
        assert whole.start < session.now < whole.end
        # The border is a column.
        instant = pane._drawn.instant(45 - 1)
        assert at_time(session.recording, instant) == session.position
        row = pane._drawn.rows[1].selection
        await pilot.click("#timeline", offset=(4, 4))
        await pilot.pause()
        await pilot.pause()
        assert row == session.selection
        pane.post_message(MouseScrollUp(pane, 1, 1, 0, -1, 0, False, False, False))
        await pilot.pause()
        await pilot.pause()
        assert whole.length // 2 == pane.span.length

    drive(session, test)


def test_it_can_be_paused(monkeypatch):
    """By Ctrl-Z, as other programs, also in a dialog; then the whole screen is drawn again."""
    paused, drawn = [], []
    monkeypatch.setattr(Debugger, "action_suspend_process", lambda app: paused.append(app.screen))

    async def test(app, pilot):
        await press(app, pilot, "ctrl+z", "g", "ctrl+z")
        monkeypatch.setattr(app, "refresh", lambda **how: drawn.append(how))
        app.app_resume_signal.publish(app)
        await pilot.pause()
        monkeypatch.undo()

    drive(sample_session("09-threshold-within.json"), test)
    assert 2 == len(set(paused))
    assert {"layout": True} in drawn


def test_help_and_leaving():
    """? shows the keys until it is pressed again; q leaves."""
    session = sample_session("09-threshold-within.json")

    async def test(app, pilot):
        await press(app, pilot, "question_mark")
        assert "next event or deadline" in screen(app)
        await press(app, pilot, "question_mark")
        assert "next event or deadline" not in screen(app)
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running or app._exit

    drive(session, test)
