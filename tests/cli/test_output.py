"""The format of an output by the end of its name."""

from pathlib import Path

import pytest

from tests.cli.running import formats_of, run
from tests.support import SAMPLES
from trigger_cli.cli.commands import _made
from trigger_cli.cli.failures import CommandError
from trigger_cli.cli.output import _ENDINGS, format_by_ending
from trigger_cli.root_help import COMMANDS

BY_OPTION_ALONE = {
    ("lint", "concise"): "text, as the default is",
    ("lint", "github"): "for the log of a job",
    ("lint", "gitlab"): "JSON, with the ending of another format",
    ("lint", "rdjson"): "JSON, with the ending of another format",
    ("test", "github"): "for the log of a job",
}
WRITTEN = [
    (name, form)
    for name in COMMANDS
    if any(one.name == "output" for one in _made(name).params) and name != "fetch"
    for form in formats_of(name)
]


@pytest.mark.parametrize(("command", "form"), WRITTEN)
def test_each_format_has_an_ending(command, form):
    """A new format gets one in `_ENDINGS`, or a reason above."""
    formats = formats_of(command)
    endings = [end for end, one in _ENDINGS.items() if one == form]
    for end in endings:
        assert form == format_by_ending(Path(f"out{end}"), formats, ())
    if form == formats[0]:
        for name in ("out", "out.txt", "out.log", "2026-03-01", "tmp.x8Pq2LmN0a"):
            assert form == format_by_ending(Path(name), formats, ())
    else:
        assert bool(endings) != ((command, form) in BY_OPTION_ALONE)


def test_the_reasons_are_of_formats():
    assert set(BY_OPTION_ALONE) <= set(WRITTEN)


@pytest.mark.parametrize("command", sorted({name for name, _ in WRITTEN}))
def test_another_kind_of_file_is_refused(command):
    """Unless it may hold any text."""
    formats = formats_of(command)
    for end in (*_ENDINGS, ".pdf", ".htm"):
        form = _ENDINGS.get(end)
        if form in formats or end == ".md" or (form == "perfetto" and "json" in formats):
            assert format_by_ending(Path(f"out{end}"), formats, ()) in formats
            continue
        with pytest.raises(CommandError) as error:
            format_by_ending(Path(f"out{end}"), formats, ())
        assert f"its formats are {', '.join(formats)}" in error.value.message, end


@pytest.mark.parametrize(
    "arguments",
    [
        ("events", SAMPLES / "nightly.events.jsonl", "--output", "new/"),
        ("events", SAMPLES / "nightly.events.jsonl", "--save", "new.svg/"),
        ("test", "none.yaml", "--junit", "new/"),
        ("fetch", "-o", "new/"),
        ("fetch", "--automations", "new/"),
    ],
    ids=lambda one: f"{one[0]} {one[-2]}",
)
def test_a_slash_at_the_end_is_a_folder(arguments, tmp_path):
    """A file of that name is not what was meant."""
    done = run(*arguments, cwd=tmp_path)
    assert 2 == done.returncode
    assert b"is a folder, expected a file: name one in it" in done.stderr
    assert [] == list(tmp_path.iterdir())
