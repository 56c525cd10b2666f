"""Every key: what it does, once, for the bindings, the help and the tests alike."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType


class Key(NamedTuple):
    """A key, or several that do the same."""

    keys: str
    """As Textual calls them, separated by commas."""
    shown: str
    """As a person calls them."""
    action: str
    help: str


GROUPS: tuple[tuple[str, tuple[Key, ...]], ...] = (
    (
        "Step",
        (
            Key("right,l", "→ l", "step(1)", "next event or deadline"),
            Key("left,h", "← h", "step(-1)", "previous event or deadline"),
            Key("L", "L", "step(100)", "100 events on"),
            Key("H", "H", "step(-100)", "100 events back"),
            Key("right_square_bracket", "]", "record(True)", "next transition of what is selected"),
            Key("left_square_bracket", "[", "record(False)", "previous transition"),
            Key("f", "f", "firing(True)", "next firing of what is selected"),
            Key("F", "F", "firing(False)", "previous firing"),
            Key("less_than_sign", "<", "start", "the start"),
            Key("greater_than_sign", ">", "end", "the end"),
            Key("g", "g", "goto", "go to a time, line or id"),
        ),
    ),
    (
        "Find",
        (
            Key("slash", "/", "search", "search the events"),
            Key("n", "n", "again(True)", "next event found"),
            Key("N", "N", "again(False)", "previous event found"),
            Key("b", "b", "breakpoints", "set or remove a breakpoint"),
            Key("c", "c", "run(True)", "run on to the next breakpoint"),
            Key("C", "C", "run(False)", "run back to the last breakpoint"),
            Key("x", "x", "divergence(True)", "next place where the dialects differ"),
            Key("X", "X", "divergence(False)", "previous such place"),
        ),
    ),
    (
        "Change",
        (
            Key("e", "e", "edit", "edit a field of the selected trigger, and replay"),
            Key("E", "E", "forget", "forget the edits"),
            Key("d", "d", "dialect", "switch the dialect"),
            Key("y", "y", "copy('explain')", "copy the view as an explain command"),
            Key("Y", "Y", "copy('replay')", "copy the view as a replay command"),
        ),
    ),
    (
        "Look",
        (
            Key("plus,equals_sign", "+", "zoom(True)", "zoom the timeline in"),
            Key("minus", "-", "zoom(False)", "zoom out"),
            Key("0", "0", "zoom_all", "the whole timeline"),
            Key("tab", "Tab", "app.focus_next", "the next pane (↑ ↓ move in it)"),
            Key("z", "z", "maximize", "this pane on the whole screen, and back"),
            Key("question_mark", "?", "help", "this help"),
            Key("q,ctrl+c", "q", "quit", "leave"),
        ),
    ),
)
MOUSE = (
    "Click the timeline to go there, a row's name to select it, a firing to jump to it;"
    " the wheel over the timeline zooms."
)


def bindings() -> list[BindingType]:
    """The keys as Textual takes them."""
    return [
        Binding(one.keys, one.action, one.help, show=False)
        for _, keys in GROUPS
        for one in keys
        # Textual's own.
        if one.action != "app.focus_next"
    ]
