"""Logs of any size, shaped like a real server's: ``python benchmarks/generate.py N > log.jsonl``.

The templates are the sample recording's lines. Each round repeats them some minutes later with new
ids for events and flow runs, while flows, deployments and pools stay the same: many keys that are
seen a few times, few keys that are seen all the time. Nothing is random.
"""

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from trigger_cli.times import MINUTE, SECOND, format_instant, parse_instant

RECORDING = Path(__file__).resolve().parent.parent / "sample_events" / "recording.events.jsonl"
ROUND = 10 * MINUTE

_UUID = re.compile(r"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_RUN = re.compile(r"prefect\.flow-run\.([0-9a-f-]{36})")


class Template:
    """One line of the recording, cut at what changes from round to round."""

    def __init__(self, line: str, renamed: set[str]) -> None:
        event = json.loads(line)
        self._times = (parse_instant(event["occurred"]), parse_instant(event["received"]))
        line = line.replace("%", "%%")
        line = line.replace(event["occurred"], "%(occurred)s")
        line = line.replace(event["received"], "%(received)s")

        def head(found: re.Match[str]) -> str:
            uuid = line[found.start() : found.start() + 36]
            return "%(round)08x" if uuid in renamed else found.group()

        self._line = _UUID.sub(head, line)

    def fill(self, number: int) -> str:
        """The line in round `number`; what is renamed begins with that number."""
        occurred, received = (format_instant(time + number * ROUND) for time in self._times)
        return self._line % {"occurred": occurred, "received": received, "round": number}


def templates() -> list[Template]:
    """The recording's lines, ready to be filled."""
    text = RECORDING.read_text("utf-8")
    events = [json.loads(line)["id"] for line in text.splitlines()]
    renamed = {*events, *_RUN.findall(text)}
    return [Template(line, renamed) for line in text.splitlines()]


def lines(count: int) -> Iterator[str]:
    """So many lines of a log, oldest first within each round."""
    filled = 0
    known = templates()
    number = 0
    while True:
        for template in known:
            if filled == count:
                return
            yield template.fill(number)
            filled += 1
        number += 1


def write_keyed_log(path: Path, count: int, keys: int) -> None:
    """Write a log of one kind of event, about `keys` runs in turn, each of them at least once.

    Then a few runs are seen all the time and most of them seldom, as in reality (seeded).
    """
    chance = random.Random(1)
    line = next(
        line
        for line in RECORDING.read_text("utf-8").splitlines()
        if '"event": "prefect.flow-run.Failed"' in line
    )
    event = json.loads(line)
    begin = parse_instant(event["occurred"])
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            run = number if number < keys else int(keys * chance.random() ** 3)
            event["id"] = f"{number:036}"
            event["follows"] = None
            event["occurred"] = event["received"] = format_instant(begin + number * SECOND)
            event["resource"]["prefect.resource.id"] = f"prefect.flow-run.{run}"
            file.write(json.dumps(event) + "\n")


def write_log(path: Path, count: int) -> None:
    """Write a log of `count` events."""
    with path.open("w", encoding="utf-8") as file:
        for line in lines(count):
            file.write(line + "\n")


if __name__ == "__main__":
    for one in lines(int(sys.argv[1])):
        print(one)
