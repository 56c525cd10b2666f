"""Every command that replays gives the same firings for the same input and options."""

from __future__ import annotations

import json
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from tests.front_door.door import Asked, Refused, ask, in_order
from tests.oracle.cases import cases
from trigger_cli.lint import session

RANGES = ("--from", "--to")
SHARES = 2


class Commands:
    """The commands on one case with one automation.

    Each answers how often it fired, or when; ``None`` where the question cannot be put to it.
    """

    def __init__(self, case, folder, dialect, order, limits):
        self.case = case
        self.asked = Asked(case, folder, dialect)
        self.common = ["--dialect", dialect]
        self.order = ["--order", order]
        self.limits = limits
        self.until = ["--until", case["until"]]
        self.start = ["--start", case["start"]] if case.get("start") else []
        self.log = self.asked.written.paths[0]
        self.definitions = self.asked.definitions

    def json(self, *arguments):
        done = ask(*arguments, "--format", "json")
        if done.returncode > 1:
            raise Refused(f"{arguments}: exit {done.returncode}: {done.stderr.decode()[:2000]}")
        return json.loads(done.stdout)

    def replay(self):
        answer = self.json("replay", self.definitions, self.log, *self.all())
        return [(one["at"], one["event_line"]) for one in answer["firings"]]

    def all(self):
        return [*self.common, *self.order, *self.until, *self.start, *self.limits]

    def sweep(self):
        trigger = self.case["automations"][0]["trigger"]
        if trigger["type"] != "event" or not self.case["automations"][0].get("enabled", True):
            return None
        if trigger["within"] < 1:
            return None
        same = ("--set", f"/within={trigger['within']}")
        answer = self.json("sweep", self.definitions, "--log", self.log, *self.all(), *same)
        (cell,) = answer["cells"]
        return cell["firings"]

    def diff(self):
        options = [*self.common, *self.order, *self.until, *self.start, *self.limits]
        answer = self.json("diff", self.definitions, self.definitions, "--log", self.log, *options)
        (one,) = answer["automations"]
        assert not answer["differs"]
        assert one["a"] == one["b"] == one["same"]
        return one["a"]

    def audit(self):
        if self.start or not self.case["automations"][0].get("enabled", True):
            return None
        options = [*self.common, *self.order, *self.until, *self.limits]
        answer = self.json("audit", self.definitions, "--log", self.log, *options)
        return [(one["at"], one["event_line"]) for one in answer["unexpected"]]

    def explain(self):
        answer = self.json("explain", self.definitions, self.log, *self.all())
        return answer["explanations"][0]["firings"]

    def capture(self):
        if self.limits or not self.case["automations"][0].get("enabled", True):
            return None
        options = [*self.common, *self.order, *self.until, *self.start]
        answer = self.json("capture", self.definitions, self.log, *options)
        return answer["firings_in_log"]

    def test(self):
        """A test file that reads the log and expects just the firings that `replay` tells of."""
        if self.limits:
            return None
        replayed = self.json("replay", self.definitions, self.log, *self.all())["firings"]
        firings = [{"at": one["at"], "labels": one["labels"]} for one in replayed]
        scenario = {
            "name": "as replayed",
            "triggers": self.definitions.name,
            "dialect": self.common[1],
            "order": self.order[1],
            "until": self.case["until"],
            "events": [{"log": self.log.name}],
            "expect": [{"automation": "automation 0", "firings": firings, "exact": True}],
        }
        if self.start:
            scenario["start"] = self.case["start"]
        file = self.definitions.with_name("case.trigger-test.yaml")
        file.write_text(json.dumps({"tests": [scenario]}), "utf-8")
        done = ask("test", file)
        assert 0 == done.returncode, done.stdout.decode() + done.stderr.decode()
        return len(replayed)

    def watch(self):
        """What it makes of the log as it is piped in, up to its end."""
        if self.limits or self.order[1] != "log":
            return
        done = ask("watch", self.definitions, "-", *self.common, "--pace", "log", "--format", "jsonl",
                   stdin=self.log.read_bytes())  # fmt: skip
        assert 0 == done.returncode, done.stderr.decode()
        records = map(json.loads, done.stdout.decode().splitlines())
        watched = [one["at"] for one in records if one["kind"] == "fired" and one["trigger"] == "$"]
        answer = self.json("replay", self.definitions, self.log, *self.common, *self.order)
        assert [one["at"] for one in answer["firings"]] == watched
        return

    def lint(self):
        """How often it takes the automation to have fired on the log."""
        if self.limits or self.order[1] != "occurred":
            return
        found = {}
        gather = session.gather_facts

        def spy(*arguments):
            facts = gather(*arguments)
            found.update(facts)
            return facts

        with patch.object(session, "gather_facts", spy):
            ask("lint", self.definitions, "--log", self.log, *self.common)
        answer = self.json("replay", self.definitions, self.log, *self.common, *self.order)
        if self.case["automations"][0].get("enabled", True):
            assert len(answer["firings"]) == found[0].firings
        return


def agree_on(commands):
    """All commands against `replay`."""
    replayed = commands.replay()
    for name in ("sweep", "diff", "audit", "explain", "capture", "test", "watch", "lint"):
        found = getattr(commands, name)()
        if found is not None:
            expected = replayed if isinstance(found, list) else len(replayed)
            assert (name, expected) == (name, found)
    return len(replayed)


@st.composite
def limited(draw, case):
    """Options that choose a part of the log, with at least one event."""
    options = []
    if case["events"] and draw(st.booleans()):
        inside = draw(st.sampled_from(case["events"]))["occurred"]
        for name in draw(st.sampled_from((RANGES, RANGES[:1], RANGES[1:]))):
            options += [name, inside]
    return options


@pytest.mark.parametrize("share", range(SHARES))
def test_all_commands_agree(share, pytestconfig, say, tmp_path):
    """Whatever the dialect, order, range, start and end."""
    options = pytestconfig.option
    counts = {"cases": 0, "firings": 0}
    number = options.front_door_seed + share

    @seed(number)
    @settings(
        max_examples=max(options.front_door_cases // 8, 1),
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(
        cases(),
        st.sampled_from(("docs", "server")),
        st.sampled_from(("log", "occurred")),
        st.data(),
    )
    def agree(case, dialect, order, data):
        assume(case["events"])  # an empty log is refused by some, and warned of by others
        case = {**case, "automations": case["automations"][:1]}
        if data.draw(st.booleans()):
            case = in_order(case)
        limits = data.draw(limited(case))
        told = json.dumps([case, dialect, order, limits])
        try:
            counts["firings"] += agree_on(Commands(case, tmp_path, dialect, order, limits))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{told}") from None
        counts["cases"] += 1

    verdict = "DISAGREEMENT"
    try:
        agree()
        verdict = "no disagreement"
    finally:
        say(
            f"front door: {counts['cases']} random cases asked of every command"
            f" ({counts['firings']} firings), {verdict}; --front-door-seed {number - share}"
        )
