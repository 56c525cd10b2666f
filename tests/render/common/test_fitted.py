"""Tables whose columns fit: where long cells are broken into lines."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from trigger_cli.render.common.fitted import FittedTable, folded


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("short", 10, ["short"]),
        ("per-flow-two-completed-in-120", 17, ["per-flow-two-", "completed-in-120"]),
        ("prefect.flow-run.Completed", 20, ["prefect.flow-run.", "Completed"]),
        ("related:flow:prefect.resource.id", 16, ["related:flow:", "prefect.", "resource.id"]),
        ("…/recordings/run.jsonl", 15, ["…/recordings/", "run.jsonl"]),
        ("No export for half an hour", 15, ["No export for", "half an hour"]),
        ("no prefect.flow-run.Completed", 26, ["no", "prefect.flow-run.Completed"]),
        ("of prefect.flow-run.Completed", 18, ["of prefect.flow-", "run.Completed"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("漢字", 1, ["漢", "字"]),
        ("one\ntwo three", 5, ["one", "two", "three"]),
        ("a" * 5 + " " * 9 + "b", 5, ["aaaaa", "b"]),
        ("..........", 4, ["....", "....", ".."]),
    ],
)
def test_lines_break_between_words(text, width, lines):
    """At blanks, else behind a separator, else anywhere; nothing else than a blank is lost."""
    found = folded(Text(text), width).plain
    assert lines == found.split("\n")
    assert "".join(text.split()) == "".join(found.split())


def test_styles_stay_where_they_are():
    """The style of a part goes on in the next line."""
    found = folded(Text.assemble("per-flow-", ("two-completed", "bold")), 13)
    assert "per-flow-two-\ncompleted" == found.plain
    bold = "".join(found.plain[one.start : one.end] for one in found.spans if one.style == "bold")
    assert "two-completed" == bold.replace("\n", "")


def test_a_narrow_table_breaks_its_names():
    """Only the columns that may be folded; every line fits."""
    name = "per-flow-two-completed-in-120"
    console = Console(file=io.StringIO(), width=24, color_system=None)
    console.print(FittedTable(("~automation", ">firings"), [(name, "1")], 24).rows())
    lines = console.file.getvalue().splitlines()
    assert ["per-flow-two-          1", "completed-in-"] == [one.rstrip() for one in lines[1:3]]
    assert all(len(one) <= 24 for one in lines)


@pytest.mark.parametrize("room", [30, 40, 60])
def test_titles_are_cut_before_names_cannot_be_read(room):
    """Numbers are short; what they are numbers of comes first."""
    heads = ["~automation", ">simulated", ">unexpected", ">unexplained"]
    table = FittedTable(heads, [["two-completed-in-60", "3", "12", "1"]], room)
    console = Console(file=io.StringIO(), width=room)
    console.print(table.rows())
    title, first, *_ = console.file.getvalue().splitlines()
    assert title.startswith("automation")
    assert first.startswith("two-completed-")
    assert ["3", "12", "1"] == first.split()[-3:]


@pytest.mark.parametrize(
    ("room", "titles"),
    [
        (60, ["automation", "server", "missed", "unexplained"]),
        (43, ["automation", "server", "missed", "unexplained"]),
        (42, ["automation", "server", "missed"]),
        (25, ["automation", "missed"]),
    ],
)
def test_spare_columns_are_left_out_before_titles_are_cut(room, titles):
    """The first one first, and none where there is room."""
    heads = ["~automation", ">server", ">missed", ">unexplained"]
    rows = [["two-completed-in-60", "3", "12", "1"]]
    table = FittedTable(heads, rows, room, spare=("unexplained", "server"))
    console = Console(file=io.StringIO(), width=room)
    console.print(table.rows())
    assert titles == console.file.getvalue().splitlines()[0].split()
