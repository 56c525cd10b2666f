"""`trigger_cli.render.common.wrapped`, and the consoles that use it."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.cli.consoles import console_for
from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.render.common.wrapped import wrapped

PATH = "sample_events/triggers/06-negative-mixed.json:9:32:"
MESSAGE = f"{PATH} warning to the open-source server this list takes all but `production-test-*`"


class Terminal(io.StringIO):
    """A file that says that it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize("file", [Terminal, io.StringIO])
def test_a_message_is_broken_between_words_on_a_terminal_only(file):
    """A pipe gets it on one line, for tools that read lines."""
    console = console_for(file(), in_color=False, width=60)
    console.print(MESSAGE, soft_wrap=True)
    lines = console.file.getvalue().splitlines()
    assert MESSAGE == " ".join(one.strip() for one in lines)
    assert lines[0].startswith(f"{PATH} warning")
    assert (len(lines) > 1) == (file is Terminal)
    assert file is not Terminal or max(map(len, lines)) <= 60


def test_an_error_too(monkeypatch):
    """Its advice is a message of its own."""
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    CommandError("the address is not valid, and much more is said", USAGE, "write another").show()
    assert terminal.getvalue() == (
        "error: the address is not valid, and\n  much more is said\nhelp: write another\n"
    )


@given(st.text("ab :/\n", max_size=300), st.integers(10, 50))
def test_nothing_is_lost_and_no_word_is_broken(text, width):
    """All words, in their order; only a word is longer than the width."""
    lines = wrapped(text, width)
    assert text.split() == " ".join(line for _, line in lines).split()
    for indentation, line in lines:
        assert len(indentation + line) <= width or len(re.findall(r"\S+", line)) == 1
