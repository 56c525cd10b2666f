"""Every key and its action, in one place for the bindings, the help and the tests."""

from msgspec import Struct
from textual.binding import Binding, BindingType


class KeyBinding(Struct, frozen=True):
    """One or more keys for the same action."""

    keys: str
    """The names in Textual, separated by commas."""
    shown: str
    """The names for the user."""
    action: str
    help: str


GROUPS: tuple[tuple[str, tuple[KeyBinding, ...]], ...] = (
    (
        "Step",
        (
            KeyBinding("right,l", "→ l", "step(1)", "next event or deadline"),
            KeyBinding("left,h", "← h", "step(-1)", "previous event or deadline"),
            KeyBinding("L", "L", "step(100)", "100 events on"),
            KeyBinding("H", "H", "step(-100)", "100 events back"),
            KeyBinding(
                "right_square_bracket", "]", "record(True)", "next transition of what is selected"
            ),
            KeyBinding("left_square_bracket", "[", "record(False)", "previous transition"),
            KeyBinding("f", "f", "firing(True)", "next firing of what is selected"),
            KeyBinding("F", "F", "firing(False)", "previous firing"),
            KeyBinding("less_than_sign", "<", "edge(False)", "the start"),
            KeyBinding("greater_than_sign", ">", "edge(True)", "the end"),
            KeyBinding("g", "g", "goto", "go to a time, line or id"),
        ),
    ),
    (
        "Find",
        (
            KeyBinding("slash", "/", "search", "search the events"),
            KeyBinding("n", "n", "again(True)", "next event found"),
            KeyBinding("N", "N", "again(False)", "previous event found"),
            KeyBinding("b", "b", "breakpoints", "set or remove a breakpoint"),
            KeyBinding("c", "c", "run(True)", "run on to the next breakpoint"),
            KeyBinding("C", "C", "run(False)", "run back to the last breakpoint"),
            KeyBinding("x", "x", "divergence(True)", "next place where the dialects differ"),
            KeyBinding("X", "X", "divergence(False)", "previous such place"),
        ),
    ),
    (
        "Change",
        (
            KeyBinding("e", "e", "edit", "edit a field of the selected trigger, and replay"),
            KeyBinding("E", "E", "forget", "forget the edits"),
            KeyBinding("d", "d", "dialect", "switch the dialect"),
            KeyBinding("y", "y", "copy('explain')", "copy the view as an explain command"),
            KeyBinding("Y", "Y", "copy('replay')", "copy the view as a replay command"),
        ),
    ),
    (
        "Look",
        (
            KeyBinding("plus,equals_sign", "+", "zoom(True)", "zoom the timeline in"),
            KeyBinding("minus", "-", "zoom(False)", "zoom out"),
            KeyBinding("0", "0", "zoom_all", "the whole timeline"),
            KeyBinding("tab", "Tab", "app.focus_next", "the next pane (↑ ↓ move in it)"),
            KeyBinding("z", "z", "maximize", "this pane on the whole screen, and back"),
            KeyBinding("question_mark", "?", "help", "this help"),
            KeyBinding("q", "q", "quit", "leave"),
        ),
    ),
)
MOUSE = (
    "Click the timeline to go there, a row's name to select it, a firing to jump to it;"
    " the wheel over the timeline zooms."
)


def bindings() -> list[BindingType]:
    """The keys as bindings of Textual."""
    return [
        Binding("ctrl+c", "interrupt", "leave", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "pause", show=False, priority=True),
        *(
            # Before the pane that has the focus: the next key may be one of a prompt that this opens.
            Binding(one.keys, one.action, one.help, show=False, priority=True)
            for _, keys in GROUPS
            for one in keys
            # Textual has its own binding.
            if one.action != "app.focus_next"
        ),
    ]
