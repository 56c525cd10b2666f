"""The README and the pages of docs are true: command lines run, pictures, tables and links are current."""

import html
import os
import re
import shlex
import subprocess
import sys

import pytest

from sample_events import make_pictures
from tests.cli.running import run
from tests.support import REPOSITORY
from tests.test_architecture import MAY_IMPORT
from trigger_cli.dialects import DIFFERENCES, DOCS, SERVER_3_8, SERVER_3_9

README = (REPOSITORY / "README.md").read_text("utf-8")
# What is written by hand: a folder of generated pages has a test of its own.
DOCS_PAGES = sorted(
    page for folder in ("docs", "docs/guides") for page in (REPOSITORY / folder).glob("*.md")
)
PAGES = {
    one.relative_to(REPOSITORY).as_posix(): one.read_text("utf-8")
    for one in (
        REPOSITORY / "README.md",
        REPOSITORY / "CONTRIBUTING.md",
        REPOSITORY / "sample_events" / "README.md",
        *DOCS_PAGES,
    )
}
ARCHITECTURE = PAGES["docs/architecture.md"]
DIALECTS = PAGES["docs/dialects.md"]
# Set-up commands are run by .ci/run, in an environment of their own.
NOT_RUN_HERE = re.compile(r"pip install|^prefect |^git ")
QUOTED = re.compile(r"'[^']*'")
FOR_A_SHELL = re.compile(r"[^\w\s./,:+=#-]")


def command_lines(text):
    """Every line of the text's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [
        line
        for block in blocks
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    ]


COMMANDS = list(
    dict.fromkeys(
        line
        for name, page in PAGES.items()
        if name != "CONTRIBUTING.md"
        for line in command_lines(page)
        if not NOT_RUN_HERE.search(line)
    )
)


def test_there_are_commands_to_run():
    """An empty list would pass everything below."""
    assert len(COMMANDS) > 5


def run_line(command, folder):
    """Run a command line from the repository's top; in a shell if it needs more than splitting."""
    if not FOR_A_SHELL.search(QUOTED.sub("", command)):
        program, *words = shlex.split(command, comments=True)
        assert "trigger-cli" == program
        return run(*words, cwd=REPOSITORY)
    shim = folder / "trigger-cli"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m trigger_cli "$@"\n')
    shim.chmod(0o755)
    paths = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=REPOSITORY,
        env={**os.environ, **paths, "TMPDIR": str(folder)},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_line_runs(command, tmp_path):
    """As a reader would type it; `# exit 1` says what else to expect."""
    expected = int(found.group(1)) if (found := re.search(r"# exit (\d+)", command)) else 0
    done = run_line(command, tmp_path)
    assert expected == done.returncode, done.stderr.decode()
    assert done.stdout
    assert b"Traceback" not in done.stderr


def test_the_setup_commands_are_marked_for_ci():
    """`.ci/run` takes its two commands from below these markers."""
    for name in ("install", "test"):
        assert 1 == len(re.findall(rf"<!-- ci: {name} -->\n```sh\n[^\n]+\n```", README))


@pytest.mark.parametrize("name", make_pictures.NAMES)
def test_pictures_are_current(name):
    """A picture shows what the command prints today (`python sample_events/make_pictures.py`)."""
    svg = (REPOSITORY / "sample_events" / "pictures" / f"{name}.svg").read_text("utf-8")
    drawn = "".join(
        html.unescape(one) for one in re.findall(r"<text[^>]*clip-path[^>]*>(.*?)</text>", svg)
    )
    printed = make_pictures.draw(name).export_text(styles=False)
    assert "".join(printed.split()) == "".join(drawn.split())
    assert any(f"sample_events/pictures/{name}.svg" in page for page in PAGES.values())


def test_the_readme_is_short():
    """What it is for, a first run, and a task in a paragraph; all else stands in docs."""
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    """To a file of the repository, and to a heading that it has."""
    folder = (REPOSITORY / name).parent
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[name]):
        path, _, heading = target.partition("#")
        found = (folder / path).resolve() if path else REPOSITORY / name
        assert found.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE)
            assert heading in {
                re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in titles
            }


def test_every_page_is_reached_from_the_readme():
    """By a link of its own."""
    linked = set(re.findall(r"\]\((docs/[^)#]+)", README))
    # The pages of the rules are generated, and reached from their own list.
    pages = {name for name in PAGES if name.startswith("docs/")}
    assert linked == {*pages, "docs/rules/README.md"}


def test_no_sentence_stands_twice():
    """In the README and docs, code and tables aside."""
    seen: dict[str, str] = {}
    for name, page in PAGES.items():
        if not name.startswith(("docs/", "README")):
            continue
        text = re.sub(r"^(```.*?^ *```|\|.*?$)", "", page, flags=re.MULTILINE | re.DOTALL)
        for one in re.split(r"(?<=[.:?])\s+(?=[A-Z`*\[])|\n\n", text):
            sentence = " ".join(one.split())
            if len(sentence) > 50:
                assert sentence not in seen, (name, seen.get(sentence), sentence)
                seen[sentence] = name


def test_the_architecture_table_names_every_part():
    """What may import what stands there as it does in the test that holds it."""
    rows = set(
        re.findall(r"^\| `(?!trigger_cli)([\w/]+?)(?:\.py|/)` \|", ARCHITECTURE, re.MULTILINE)
    )
    assert {part for part in MAY_IMPORT if not part.startswith("__")} == rows


def test_the_differences_table_has_every_row():
    """Each as `dialects.py` tells it, and what a server does like the one before it only once."""
    rows = []
    for one in DIFFERENCES:
        docs, older, newer = (one.says(x) for x in (DOCS, SERVER_3_8, SERVER_3_9))
        told = (docs, older if older != docs else "as docs", newer if newer != older else "as 3.8")
        if len({one.says(x) for x in (DOCS, SERVER_3_8, SERVER_3_9)}) > 1:
            rows.append(f"| {one.id} | {one.on} | {' | '.join(told)} |")
    assert rows == re.findall(r"^\| D\d+ \|.*$", DIALECTS, re.MULTILINE)
