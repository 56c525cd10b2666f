"""A case asked of the command line: files in, the function behind ``trigger-cli``, answers out.

A case is what the oracle reads (``tests/oracle/cases.py``): automations, events in arrival order,
``until``, and perhaps ``start``, ``from`` and ``to``. What comes out names events by their place in the case, so that
answers compare however the log was written.
"""

import json
import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.cli.running import Done, run, run_apart
from tests.front_door.writing import Written, write_log
from trigger_cli import firings, spill
from trigger_cli.cli import parameters
from trigger_cli.engine import processed
from trigger_cli.events import quick, scan, shards, sources, store
from trigger_cli.explain import evidence, gathering, kept_events, tally
from trigger_cli.history import diff, kept_replay, sweep
from trigger_cli.match import index, matcher
from trigger_cli.parallel import replay as parallel_replay
from trigger_cli.read import log as read_log
from trigger_cli.read import stream

Json = dict[str, Any]


@dataclass(frozen=True)
class Mode:
    """How a case is asked for, in ways that must not matter."""

    jobs: int | None = None
    all_is_many: bool = False
    """What the product does with large logs, and with many automations, it does at once."""
    packing: str = "plain"
    """``plain gz bz2 xz zst``."""
    shape: str = "lines"
    """``lines array page messages stream``; the last is what ``prefect event stream`` prints."""
    logs: int = 1
    """Over how many logs the events are spread."""
    from_stdin: bool = False
    newline: str = "\n"
    has_mark: bool = False
    """A byte order mark begins each log."""
    has_bad_lines: bool = False
    has_odd_labels: bool = False
    """Resources have labels whose values are no strings, also such as triggers ask for (O6)."""
    lacks_ids: bool = False
    """Events that nothing refers to have no id."""
    has_noise: bool = False
    """There are events that never reach triggers (O3), each at the time of the one before it."""
    others: int = 0
    """How many other automations there are, around those of the case."""
    order: str = "log"
    covers_all: bool = False
    """``--from`` and ``--to`` are given, and leave nothing out."""
    typer_converts: bool = False
    """No value of an option is converted without typer."""
    apart: bool = False
    """In a process of its own."""

    def __str__(self) -> str:
        plain = Mode()
        return (
            ", ".join(
                f"{name}={value!r}"
                for name, value in vars(self).items()
                if value != getattr(plain, name)
            )
            or "plain"
        )


LIMITS = ("start", "until", "from", "to")
"""What a case may give an instant for, named as the options are."""
BUFFER = "expired-bucket-buffer"
"""What a case may give seconds for (S2)."""
PLAIN = Mode()
_OTHERS = (
    {"expect": ["nothing.is.called.so"]},
    {"expect": ["!a"], "match": {"prefect.resource.name": ["!x", "x*"]}},
    {"match_related": {"prefect.resource.role": "tag", "prefect.resource.id": "!x"}},
    {"expect": ["a", "b"], "match": {"prefect.resource.id": "x"}},
    {"posture": "Proactive", "expect": ["*"], "within": 600, "for_each": ["prefect.resource.id"]},
    {"expect": ["a"], "match_related": [{"prefect.resource.id": "x"}, {"absent": "!y"}]},
    {"expect": ["c"], "after": ["a*"], "within": 60, "threshold": 2},
    {"expect": ["a"], "match": {"prefect.resource.id": ["r.1", "r.2"]}},
)
OTHERS = [
    {"name": f"other {number}", "trigger": {"type": "event", "posture": "Reactive", **trigger}}
    for number, trigger in enumerate(_OTHERS)
]


_MANY_BYTES = {"shard_bytes": 300, "held_bytes": 2_000, "worth_workers": 1}
_MANY = {
    (index, "_WORTH_LOOKING_UP"): 1,
    (matcher, "_REMEMBERED_NAMES"): 2,
    (processed, "_FEWEST"): 3,
    (quick, "_MOST_LISTS"): 1,
    (quick, "_MOST_RESOURCES"): 2,
    (scan, "_MANY_NAMES"): 2,
    (shards, "_CHUNK"): 100,
    (sources, "_CHUNK"): 100,
    (sources, "_COMPRESSED_CHUNK"): 20,
    (store, "_MANY_CHAINS"): 2,
    (store, "_MERGED_BYTES"): 500,
    (stream, "ELEMENTS_AT_ONCE"): 2,
    # Of other commands than replay.
    (evidence, "KEPT_RECORDS"): 3,
    (gathering, "_KEPT_NAMES"): 2,
    (tally, "KEPT_PASSING"): 1,
    (tally, "ASKED_WHY_NOT"): 2,
    (tally, "KEPT_KEYS"): 1,
    (tally, "_KEPT_VALUES"): 1,
    (tally, "_REMEMBERED_NAMES"): 2,
    (kept_events, "_LONGEST_RUN"): 2,
    (kept_events, "_BATCH"): 2,
    (kept_events, "_CHUNKS_AT_HAND"): 1,
    (kept_events.KeptEvents.__init__, "__defaults__"): (40,),
    (parallel_replay, "FEWEST_HELPERS"): 2,
    (parallel_replay, "PAGE_ROWS"): 3,
    (diff, "KEPT_TRANSITIONS"): 3,
    (kept_replay, "_REMEMBERED_EVENTS"): 1,
    (spill, "_LIKELY_BYTES"): 40,
    (spill.PlainStore.__init__, "__defaults__"): (40,),
    (firings, "_BATCH"): 2,
    (firings, "_CHUNKS_AT_HAND"): 1,
    (sweep, "KEPT_KEYS"): 1,
}
"""From how many on, or at how many a time: numbers that no firing may depend on."""


def ask(*arguments: object, stdin: bytes = b"", mode: Mode = PLAIN) -> Done:
    """Run a command line in this process, by the function that the program itself calls."""
    with ExitStack() as stack:
        if mode.jobs == 1:
            # Only `replay` has the option; all commands start as many processes as there are cores.
            stack.enter_context(patch.object(read_log, "available_cores", lambda: 1))
        if mode.all_is_many:
            defaults = read_log.Log.__init__.__kwdefaults__
            stack.enter_context(patch.dict(defaults, _MANY_BYTES))
            for (place, name), number in _MANY.items():
                stack.enter_context(patch.object(place, name, number))
        if mode.typer_converts:
            left = patch.object(parameters, "converted", lambda *_: parameters.LEFT_TO_TYPER)
            stack.enter_context(left)
        return run(*arguments, stdin=stdin)


class Refused(AssertionError):  # noqa: N818  # reads as what happened
    """The command did not answer."""


class Asked:
    """A case as files, and the command lines about it.

    Args:
        case: The case.
        folder: Where its files go.
        dialect: The dialect to ask for.
        mode: In what way to ask.
    """

    def __init__(self, case: Json, folder: Path, dialect: str, mode: Mode = PLAIN) -> None:
        self.case = case
        self.dialect = dialect
        self.mode = mode
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.definitions = folder / "automations.json"
        half = mode.others // 2
        automations = [*OTHERS[:half], *case["automations"], *OTHERS[half : mode.others]]
        self.definitions.write_text(json.dumps(automations), "utf-8")
        self.names = [one["name"] for one in case["automations"]]
        self.written: Written = write_log(case["events"], folder, mode)

    def limits(self) -> list[str]:
        """The options about time and order."""
        case = self.case
        options = ["--dialect", self.dialect, "--order", self.mode.order]
        everything = {"from": "1971-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
        for name in (*LIMITS, BUFFER):
            given = case.get(name) or (self.mode.covers_all and everything.get(name))
            options += [f"--{name}", given] if given else []
        return options

    def replay(self, *options: str) -> Done:
        """``trigger-cli replay`` with `options`."""
        done = self.asked("replay", *options)
        if done.returncode != 0:
            raise Refused(f"exit {done.returncode}: {done.stderr.decode()[:2000]}")
        return done

    def refusal(self) -> str:
        """What it says of a range without events, which is wrong (exit 2)."""
        done = self.asked("replay")
        message = done.stderr.decode()
        assert 2 == done.returncode, message
        assert "no event lies in the range" in message
        return message

    def asked(self, command: str, *options: str) -> Done:
        """A command that replays, with `options`."""
        mode = self.mode
        arguments = [command, str(self.definitions)]
        for path in self.written.paths:
            arguments += ["--log", "-" if mode.from_stdin else str(path)]
        arguments += [*self.limits(), *options]
        if mode.jobs is not None and command == "replay":
            arguments += ["--jobs", str(mode.jobs)]
        if mode.apart and not mode.from_stdin:
            apart = run_apart(*arguments)
            return Done(apart.returncode, apart.stdout, apart.stderr)
        stdin = self.written.paths[0].read_bytes() if mode.from_stdin else b""
        return ask(*arguments, stdin=stdin, mode=mode)

    def answer(self) -> Json:
        """``--format json``, as it is."""
        answer: Json = json.loads(self.replay("--format", "json").stdout)
        return answer

    def firings(self) -> list[Json]:
        """The automations' own firings, in order, with all that they are made of."""
        return [
            {"automation": one["automation"], **self.described(one)}
            for one in self.answer()["firings"]
            if one["automation"] in self.names
        ]

    def streamed(self) -> list[Json]:
        """The same by ``--format jsonl``, which tells of a firing's parts apart."""
        *records, summary = map(
            json.loads, self.replay("--format", "jsonl").stdout.decode().splitlines()
        )
        assert summary["kind"] == "summary"
        return [
            {
                "automation": one["automation"],
                "at": one["at"],
                "labels": one["labels"],
            }
            for one in records
            if one["kind"] == "fired" and one["trigger"] == "$" and one["automation"] in self.names
        ]

    def quiet(self) -> list[tuple[str, str]]:
        """The same by ``-q``: the time and the name."""
        lines = self.replay("-q").stdout.decode().splitlines()
        names = "|".join(map(re.escape, self.names))
        return re.findall(rf"^(\S+)  ({names})\b", "\n".join(lines), re.MULTILINE)

    def totals(self) -> dict[str, int]:
        """How often each automation fired, by the table."""
        text = self.replay("--width", "200").stdout.decode()
        # Of several automations there is no more than the table.
        summary = text.rpartition("Summary ─")[2]
        names = "|".join(map(re.escape, self.names))
        rows = re.findall(rf"^ *({names}) +(\d+)\b", summary.split("differs by")[0], re.MULTILINE)
        return {name: int(count) for name, count in rows}

    def described(self, firing: Json) -> Json:
        """A firing and its parts, events by their place."""
        return {
            "trigger": firing["trigger"],
            "at": firing["at"],
            "labels": firing["labels"],
            "event": self.place(firing["event_line"]),
            "children": [self.described(one) for one in firing["children"]],
        }

    def place(self, line: int | None) -> int | None:
        """Which of the case's events stands on a line of the log."""
        return None if line is None else self.written.places[line]


def alone(case: Json, number: int) -> Json:
    """The case with one of its automations."""
    return {**case, "automations": [case["automations"][number]]}


def in_order(case: Json) -> Json:
    """The case with its events in order of occurrence, which every order of delivery keeps."""
    return {**case, "events": sorted(case["events"], key=lambda one: one["occurred"])}


def slim(firings: Sequence[Json]) -> list[Json]:
    """Firings as `Asked.streamed` tells of them."""
    return [{key: one[key] for key in ("automation", "at", "labels")} for one in firings]


def to_repeat(case: Json, dialect: str, mode: Mode) -> str:
    """What to print of a disagreement: the case and the mode, ready to be asked again.

    With ``--record`` behind ``repeat`` the case is kept, and asked in every session.
    """
    file = f"{sys.executable} -m tests.front_door.repeat"
    return f"{file} {dialect!r} {str(mode)!r} <<'CASE'\n{json.dumps(case)}\nCASE"


def with_order(mode: Mode, order: str) -> Mode:
    """The mode with another order of delivery."""
    return replace(mode, order=order)
