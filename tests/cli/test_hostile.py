"""No terminal obeys text from outside, whatever the command, the format and the stream.

Each command runs in each of its formats on hostile files with hostile names, and those that ask a
server on hostile answers. `tests/test_printing.py` walks the code.
"""

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.cli.running import Done, formats_of, run
from tests.cli.test_fetch import listening
from tests.hostile import hostile_log, hostile_triggers
from tests.server.fakes import FakeServer
from trigger_cli.root_help import COMMANDS

STYLE = "\x1b[5;7;9m"
"""A colour that the product does not use."""
NAME = f"{STYLE}\x1b]0;gone\x07\x9b2J\x7f\u202e\u2066\u200b\u2028\r\x08[red]"
"""Characters that a file name may hold."""
TEXT = f"{NAME}\x00\n::error::owned"
# The codes by which rich draws: colours, bold, the cursor, erased lines, links.
DRAWN = re.compile(
    r"\x1b\[(?:\d+(?:;\d+)*)?m|\x1b\[(?:\d*[AK]|\?25[lh]|H|2J|\?1049[lh])|\x1b\]8;[^\x07\x1b]*\x1b\\\\|\r"
)
TRIGGERS, TRIGGER, LOG, TEST = f"{NAME}a.json", f"{NAME}b.json", f"{NAME}.jsonl", f"{NAME}.yaml"
FIXABLE, BASELINE = f"{NAME}c.json", f"{NAME}known.json"
# For each command, arguments that take it through most of what it says.
ARGUMENTS = {
    "demo": [[f"{NAME}demo"]],
    "init": [[f"{NAME}init"]],
    "replay": [[TRIGGERS, LOG], [TRIGGERS, LOG, "-v"]],
    "explain": [[TRIGGERS, LOG], [TRIGGERS, LOG, "-v"]],
    "lint": [[TRIGGERS, TEST, "--log", LOG], [TRIGGERS, "--statistics"]],
    "rule": [["TRG203"]],
    "schema": [[]],
    "capture": [[TRIGGER, LOG], [TRIGGER, LOG, "--inline"]],
    "test": [[TEST, "--coverage"], [TEST, "-v"], [TRIGGERS]],
    "audit": [[TRIGGERS, LOG], [TRIGGER, LOG, "--order", "occurred"]],
    "sweep": [[TRIGGER, LOG, "--threshold", "1..3"]],
    "diff": [[TRIGGERS, TRIGGER, "--log", LOG], [TRIGGERS, "--between", "orders", "--log", LOG]],
    "drift": [[TRIGGERS, "--against", TRIGGER, "--log", LOG]],
    "watch": [[TRIGGERS, "-", "--pace", "log"]],
    "doctor": [["--offline", TRIGGERS], ["--offline", LOG]],
    "events": [[LOG], [LOG, "--suggest"]],
}
ELSEWHERE = {
    "debug": "an application of Textual (tests/debugger)",
    "fetch": "below: it needs a server",
}
ALONE = [
    ["lint", FIXABLE, "--fix", "--unsafe-fixes", "--diff"],
    ["lint", TRIGGERS, "--add-ignore", "--diff"],
    ["lint", TRIGGERS, "--show-settings"],
    ["lint", TRIGGERS, "--show-settings", "-f", "json"],
    ["lint", TRIGGERS, "--baseline", BASELINE, "--write-baseline"],
    ["lint", TRIGGERS, "--baseline", TRIGGER],
    ["lint", TRIGGERS, "--config", TRIGGER],
    ["lint", "-", "--stdin-filename", f"{NAME}.yaml"],
    ["test", TEST, "--update"],
    ["replay", TRIGGERS, LOG, "-o", LOG],
    ["replay", TRIGGERS, LOG, "-o", f"{NAME}/{NAME}.txt"],
    ["replay", TRIGGERS, LOG, "-o", f"out.{NAME}"],
    ["replay", TRIGGERS, TRIGGERS],
    ["replay", LOG, TRIGGERS],
    ["replay", TRIGGERS, LOG, "--from", NAME],
    ["replay", TRIGGERS, LOG, "--automation", NAME],
    ["replay", TRIGGERS, LOG, "--tz", NAME],
    ["replay", TRIGGERS, LOG, f"--{NAME}"],
    ["replay", TRIGGERS, LOG, "-f", NAME],
    ["replay", TRIGGERS, LOG, "--cluster", NAME, "--patience", "0"],
    ["explain", TRIGGERS, LOG, "--event", NAME],
    ["explain", TRIGGERS, LOG, "--for", NAME],
    ["rule", NAME],
    ["rule", "--all", NAME],
    [NAME],
    ["lint", TRIGGERS, "--select", NAME],
    ["lint", TRIGGERS, "--changed-since", NAME],
    ["fetch", "--api-url", f"http://127.0.0.1:9/{NAME}", "--patience", "0"],
    ["fetch", "--api-url", NAME],
    ["fetch", "--profile", NAME],
]


def cases():
    """Each command with its arguments in each of its formats, as the product declares them."""
    for name, several in ARGUMENTS.items():
        for given in several:
            for form in formats_of(name) or [None]:
                yield [name, *given, *(() if form is None else ("--format", form))]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder of hostile files with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile_log(folder / LOG)
    with (folder / LOG).open("a", encoding="utf-8") as file:
        fired = {**event(8), "event": "prefect.automation.triggered"}
        file.write(f"{json.dumps(event(7))}\n{json.dumps(fired)}\n")
        file.write(f"{TEXT}\n")
    hostile_triggers(folder / TRIGGERS)
    trigger = {"type": "event", "posture": "Reactive", "expect": ["happened*", f"{TEXT}*"]}
    one = {"name": TEXT, "trigger": {**trigger, "threshold": 2, "within": 60, TEXT: TEXT}}
    (folder / TRIGGER).write_text(json.dumps(one))
    mistaken = {**one, "trigger": {**trigger, "within": None}}
    (folder / FIXABLE).write_text(json.dumps(mistaken, ensure_ascii=False), "utf-8")
    scenario = {
        "name": TEXT,
        "events": [{"log": LOG}, {"event": TEXT, "resource": TEXT, "at": "+1s"}],
        "expect": [{"fires": 7}, {"at": "+1s", "automation": TEXT}, {"event": TEXT}],
    }
    (folder / TEST).write_text(json.dumps({"triggers": TRIGGER, "tests": [scenario]}))
    return folder


def event(number: int) -> dict:
    """A hostile event of some seconds ago."""
    at = datetime.now(UTC) - timedelta(seconds=100 - number)
    return {
        "id": f"{number}{TEXT}",
        "event": f"happened{TEXT}",
        "occurred": at.isoformat(),
        "resource": {"prefect.resource.id": TEXT, "prefect.resource.name": TEXT},
        "payload": {TEXT: TEXT},
    }


def obeyed(stream: bytes, *, on_terminal: bool) -> list[str]:
    """The characters in a stream that a terminal would act on, other than by drawing."""
    text = stream.decode()
    found = [STYLE] if STYLE in text else []
    if on_terminal:
        text = DRAWN.sub("", text)
    unseen = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return found + sorted({one for one in text if unicodedata.category(one) in unseen} - {"\n"})


def run_hostile(*command: object, **settings: object) -> Done:
    return run(*command, TERM="xterm", COLUMNS="100", PREFECT_HOME="/nowhere", **settings)


def test_every_command_has_arguments_here():
    """A new command gets some in `ARGUMENTS`."""
    assert {*ARGUMENTS, *ELSEWHERE} == set(COMMANDS)


@pytest.mark.parametrize("on_terminal", [False, True], ids=["piped", "on a terminal"])
@pytest.mark.parametrize("command", [*cases(), *ALONE], ids=lambda one: ascii(" ".join(one))[:90])
def test_no_output_is_obeyed(command, on_terminal, made):
    """Definitions, logs, test files, file names and values of options."""
    stdin = made / LOG if "watch" in command else b"[]"
    done = run_hostile(*command, cwd=made, stdin=stdin, on_terminal=on_terminal)
    for stream in (done.stdout, done.stderr):
        assert [] == obeyed(stream, on_terminal=on_terminal), stream
        assert stream.count(b"\x1b[?25l") == stream.count(b"\x1b[?25h"), "the cursor is hidden"
    assert done.stdout + done.stderr, "it shows nothing"
    assert b"this is a bug" not in done.stderr


def hostile_server(*first: httpx.Response) -> FakeServer:
    server = FakeServer([event(number) for number in range(5)], first)
    trigger = {"type": "event", "posture": "Reactive", "expect": [f"{TEXT}*"], "within": 0}
    server.automations = [{"id": TEXT, "name": TEXT, "enabled": True, "trigger": trigger}]
    return server


ANSWERS = {
    "events": (),
    "later": (httpx.Response(503, json={"detail": TEXT}, headers={"retry-after": "0"}),),
    "refused": tuple(httpx.Response(422, json={"detail": [{"msg": TEXT}]}) for _ in range(3)),
    "text": tuple(httpx.Response(500, text=TEXT, headers={"retry-after": "0"}) for _ in range(3)),
    "moved": tuple(
        httpx.Response(307, headers={"location": "/\x9b2J".encode("latin-1")}) for _ in range(3)
    ),
    "version": (httpx.Response(200, json=TEXT),),
}
ASKING = [
    ["fetch"],
    ["fetch", "-f", "json"],
    ["fetch", "-o", f"{NAME}e.jsonl", "--automations", f"{NAME}au.json"],
    ["drift", TRIGGERS],
    ["doctor"],
    ["doctor", "-f", "json"],
    ["replay", "--server", "--since", "1h"],
    ["events", "--server", "--since", "1h"],
]


@pytest.mark.parametrize("on_terminal", [False, True], ids=["piped", "on a terminal"])
@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("command", ASKING, ids=lambda one: ascii(" ".join(one))[:60])
def test_no_answer_of_a_server_is_obeyed(command, answers, on_terminal, made, tmp_path):
    """Events, automations, errors, notices and versions."""
    where = made if command[0] == "drift" else tmp_path
    with listening(hostile_server(*ANSWERS[answers])) as url:
        settings = {"PREFECT_API_URL": url, "cwd": where, "on_terminal": on_terminal}
        # The longest wait, if the server refuses.
        patience = ("--patience", "1s") if command[0] == "fetch" else ()
        done = run_hostile(*command, *patience, **settings)
    assert [] == obeyed(done.stderr, on_terminal=on_terminal)
    if command[0] == "fetch" and "-o" not in command and not on_terminal:
        return  # events for a program, as the server sent them
    assert [] == obeyed(done.stdout, on_terminal=on_terminal), done.stdout
    assert b"this is a bug" not in done.stderr


def test_what_a_terminal_would_obey_is_seen():
    """A check that could not fail would show nothing."""
    for text in (STYLE, "\x1b[2J", "\x07", "\x9b", "\x7f", "\u202e", "\u200b", "\u2028"):
        assert obeyed(f"a{text}b".encode(), on_terminal=False)
    for text in (STYLE, "\x1b]0;gone\x07", "\x9b", "\x7f", "\u202e"):
        assert obeyed(f"a{text}b".encode(), on_terminal=True)
    assert not obeyed(b"\x1b[1;31mred\x1b[0m\r\x1b[2K\n", on_terminal=True)
