"""Whole screens, as they stand in ``golden/``.

After a change that is meant, ``REGENERATE_GOLDEN=1 pytest tests/debugger`` writes the files anew;
read the difference before it is committed.
"""

from pathlib import Path

import pytest

from tests.debugger.sessions import after, drive, press, sample_session, screen, session_of, write
from tests.support import check_golden, event, flow_run, related

GOLDEN = Path(__file__).parent / "golden"
SIZES = {"80": (80, 24), "160": (160, 50)}
SCENES = {
    "everything": ("", ["f", "f"]),
    "firing": ("09-threshold-within.json", ["down", "f"]),
    "composite": ("16-sequence.json", ["down", "enter", "f"]),
    "metric": ("13-metric-successes.json", ["down", "f"]),
    "bucket": ("12-proactive-for-each.json", ["down", "enter", "down", "f", "plus", "plus"]),
    "transition": ("10-after.json", ["down", "right_square_bracket", "right_square_bracket"]),
    "breakpoints": ("09-threshold-within.json", ["b"]),
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_screen_is_drawn_as_agreed(scene):
    """Every scene looks as its files show it, also when the terminal was made that large later."""
    file, keys = SCENES[scene]
    (first, size), *others = SIZES.items()

    async def test(app, pilot):
        await press(app, pilot, *keys)
        check_golden(GOLDEN / f"{scene}-{first}.txt", screen(app))
        for name, other in others:
            await pilot.resize_terminal(*other)
            await pilot.pause()
            check_golden(GOLDEN / f"{scene}-{name}.txt", screen(app))

    drive(sample_session(file), test, size)


@pytest.mark.parametrize("size", SIZES)
def test_the_help_is_drawn_as_agreed(size):
    """It is laid out for the width at which it was opened."""
    _, text = after(sample_session("09-threshold-within.json"), ["question_mark"], SIZES[size])
    check_golden(GOLDEN / f"help-{size}.txt", text)


@pytest.mark.parametrize("size", SIZES)
def test_an_edit_is_drawn_as_agreed(size):
    """The timeline before and after, with what fires now and what fires no more."""
    shown = []

    async def test(app, pilot):
        await press(app, pilot, "down", "e")
        await write(app, pilot, "threshold = 3")
        shown.append(screen(app))

    drive(sample_session("09-threshold-within.json"), test, SIZES[size])
    check_golden(GOLDEN / f"edit-{size}.txt", shown[0])


@pytest.mark.parametrize("size", [(20, 8), (300, 90)])
def test_any_size_will_do(size):
    """Nothing fails, however little room there is."""
    _, text = after(sample_session(), ["f", "down", "plus", "tab", "z", "z"], size)
    assert size[1] == len(text.splitlines())


def test_a_small_screen_keeps_what_matters():
    """The event and what happened, also without room for the timeline."""
    _, text = after(sample_session("09-threshold-within.json"), ["f"], (40, 12))
    assert "flow-run.Completed" in text
    assert "2 of 2" in text or "1 of 2" in text
    assert "Timeline" not in text


HOSTILE = "[bold red]x[/]\x1b[31m\x07\n\u202eabc\ud800 :smile: [@click=app.quit]q[/]"


def test_hostile_text_is_shown_inert():
    """Markup is not obeyed, control characters are visible, and the screen keeps its shape."""
    events = [
        event(HOSTILE, 1, {"prefect.resource.id": HOSTILE, HOSTILE: HOSTILE}, [related("tag", HOSTILE)], id=HOSTILE),
        flow_run("Failed", 2, HOSTILE),
    ]  # fmt: skip
    # No definition can have a half of a surrogate pair in it.
    label = HOSTILE.replace("\ud800", "")
    events.append(event("x", 3, {"prefect.resource.id": "x", label: HOSTILE}))
    trigger = {"expect": ["*"], "match": {label: label}, "for_each": [label]}
    definition = {"name": label, "trigger": trigger, "actions": []}
    keys = ["down", "right", "f", "left_square_bracket", "down"]
    for triggers in ([definition], [{**definition, "trigger": {"expect": ["*"]}}]):
        shown = []

        async def look(app, pilot, shown=shown):
            for key in keys:
                await press(app, pilot, key)
                shown.append(screen(app))

        drive(session_of(events, *triggers), look, (160, 50))
        for text in shown:
            fine = {"\n", "\N{NO-BREAK SPACE}"}
            assert [] == [one for one in text if one not in fine and not one.isprintable()]
            assert 50 == len(text.splitlines())
        assert any("[bold red]x[/]" in text for text in shown)
