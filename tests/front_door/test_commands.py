"""Every command that replays gives the same firings for the same input and options."""

import json
import re
from collections import Counter
from itertools import starmap
from unittest.mock import patch

import pytest
from hypothesis import strategies as st

from tests.front_door.asking import ask_random_cases
from tests.front_door.door import BUFFER, LIMITS, Asked, Mode, Refused, ask, in_order
from tests.front_door.limits import limited
from tests.oracle.cases import ID, cases
from tests.render.replay.html.test_page import data_of
from tests.render.replay.test_perfetto import names_in, own_firings
from trigger_cli.dialects import DIALECTS, counterpart
from trigger_cli.lint.runner import session

CASES_OF_A_SHARE = 6
NO_EVENTS = "no event lies in the range"


class Commands:
    """The commands on one case. `replay` tells when each automation fired, and by which line.

    The others answer the same, or how often each fired, or of some automations only; ``None``
    where the question cannot be put to them. `NO_EVENTS` is an answer too.
    """

    def __init__(self, case, folder, dialect, mode):
        self.case = case
        self.order = mode.order
        self.mode = mode
        self.dialect = ["--dialect", dialect]
        self.other_dialect = ["--dialect", counterpart(DIALECTS[dialect]).name]
        self.asked = Asked(case, folder, dialect, mode)
        self.options = self.asked.limits()
        self.limits = self.options[2:]
        """The options without the dialect."""
        self.log = self.asked.written.paths[0]
        self.definitions = self.asked.definitions
        self.enabled = [one for one in case["automations"] if one.get("enabled", True)]
        self.has_range = bool(case.get("from") or case.get("to"))
        self._answers = {}

    def json(self, *arguments):
        done = ask(*arguments, "--format", "json", mode=self.mode)
        said = done.stderr.decode()
        if done.returncode == 2 and NO_EVENTS in said:
            return NO_EVENTS
        if done.returncode > 1 and "nothing to compare" not in said:
            raise Refused(f"{arguments}: exit {done.returncode}: {said[:2000]}")
        return json.loads(done.stdout)

    def by_automation(self, firings):
        """When each automation fired, and by which line."""
        return {
            one["name"]: [
                (f["at"], f["event_line"]) for f in firings if f["automation"] == one["name"]
            ]
            for one in self.enabled
        }

    def answer(self, *instead):
        """``replay --format json``, with options `instead` of the case's."""
        if instead not in self._answers:
            asked = ("replay", self.definitions, self.log, *self.options, *instead)
            self._answers[instead] = self.json(*asked)
        return self._answers[instead]

    def replay(self, *instead):
        answer = self.answer(*instead)
        return answer if answer == NO_EVENTS else self.by_automation(answer["firings"])

    def table(self):
        """The table counts the firings of the other dialect where the number differs."""
        here, there = self.replay(), self.replay(*self.other_dialect)
        if NO_EVENTS in (here, there) or not self.enabled:
            return None
        full, brief = (
            self.asked.replay("--width", "200", *options).stdout.decode()
            for options in (("-v",), ())
        )
        # How often all fired, in either dialect, stands between the second line and the files.
        opening, also = (
            text.partition("\ntriggers ")[0].splitlines()[2:] for text in (full, brief)
        )
        assert opening == also
        name = rf"^ *({'|'.join(re.escape(one['name']) for one in self.enabled)})"
        differing = full.partition("differs by dialect")[2]
        told = re.findall(rf"{name} +(\d+) +(\d+) +D", differing, re.MULTILINE)
        counts = {one: (str(len(here[one])), str(len(there[one]))) for one in here}
        assert set(told) == {(one, a, b) for one, (a, b) in counts.items() if a != b}
        totals = self.asked.totals()
        return {one["name"]: totals[one["name"]] for one in self.enabled}

    def until_quiet(self):
        """`explain` with a quiet end against `replay` with one."""
        quiet = "--until-quiet"
        replayed = self.replay(quiet)
        answer = self.json("explain", self.definitions, self.log, *self.options, quiet)
        if NO_EVENTS in (replayed, answer):
            assert replayed == answer
            return answer
        told = {one["automation"]: one["firings"] for one in answer["explanations"]}
        assert {one: told[one] for one in replayed} == {one: len(replayed[one]) for one in replayed}
        return None

    def drawn(self):
        """The HTML page and the Perfetto trace show the same firings."""
        if self.replay() == NO_EVENTS:
            return None
        page, trace = (
            self.asked.replay("--format", form).stdout.decode() for form in ("html", "perfetto")
        )
        data = data_of(page)
        on_page = {data["texts"][one["name"]]: one["firings"] for one in data["automations"]}
        events = json.loads(trace)
        names = names_in(events)
        in_trace = Counter(names[process] for process, _ in own_firings(events))
        found = {one["name"]: on_page[one["name"]] for one in self.enabled}
        assert found == {name: in_trace[name] for name in found}
        return found

    def sweep(self):
        """Each cell is what `replay` says of the definition with the cell's values."""
        found = {}
        for one in self.enabled[:2]:
            trigger = one["trigger"]
            if trigger["type"] != "event" or trigger["threshold"] < 0:
                continue
            axes = {
                f"/{field}": (trigger[field], trigger[field] + more)
                for field, more in (("threshold", 1), ("within", 17))
            }
            # No exponent: 1e-06 is no duration.
            sets = [
                f"--set={axis}={a:.6f},{b:.6f}".replace(".000000", "")
                for axis, (a, b) in axes.items()
            ]
            same = (*self.options, *sets, "--automation", one["name"])
            answer = self.json("sweep", self.definitions, "--log", self.log, *same)
            if answer == NO_EVENTS:
                return answer
            for cell in answer["cells"]:
                values = {axis[1:]: value for axis, value in cell["values"].items()}
                edited = self.definitions.with_name("edited.json")
                edited.write_text(json.dumps({**one, "trigger": {**trigger, **values}}), "utf-8")
                replayed = self.json("replay", edited, self.log, *self.options)
                assert (values, len(replayed["firings"])) == (values, cell["firings"])
            found[one["name"]] = answer["cells"][0]["firings"]
        return found or None

    def diff(self):
        """The definitions and themselves, and between dialects."""
        of_log = ("--log", self.log, *self.options)
        answer = self.json("diff", self.definitions, self.definitions, *of_log)
        if answer == NO_EVENTS:
            return answer
        assert not answer["differs"]
        automations = answer["automations"]
        assert all(one["a"] == one["b"] == one["same"] for one in automations)
        names = {one["name"] for one in self.enabled}
        both = f"{self.dialect[1]},{self.other_dialect[1]}"
        between = self.json("diff", self.definitions, "--between", both, *of_log[:2], *self.limits)
        here, there = self.replay(), self.replay(*self.other_dialect)
        for one in between["automations"]:
            if one["name"] in names:
                fired = here[one["name"]], there[one["name"]]
                assert (one["name"], *map(len, fired)) == (one["name"], one["a"], one["b"])
                assert (fired[0] == fired[1]) == (one["same"] == one["a"] == one["b"])
        return {one["name"]: one["a"] for one in automations if one["name"] in names}

    def audit(self):
        """No server tells of its firings in the log, so all of ours are unexpected."""
        if self.case.get("start"):
            return None
        answer = self.json("audit", self.definitions, "--log", self.log, *self.options)
        return answer if answer == NO_EVENTS else self.by_automation(answer["unexpected"])

    def audit_of_a_server(self):
        """If the log records each firing, as a server does, `audit` finds no difference."""
        if self.order != "occurred" or any(map(self.case.get, LIMITS)):
            return None
        replayed = self.replay()
        # The server names an event by its id, which two events may have that are far apart (O2).
        ids = {one["id"] for one in self.case["events"]}
        if not any(replayed.values()) or len(ids) < len(self.case["events"]):
            return None
        firings = self.answer()["firings"]
        log = self.log.with_name("audited")
        told = map(json.dumps, starmap(recorded, enumerate(firings)))
        log.write_text("\n".join((self.log.read_text("utf-8"), *told)), "utf-8")
        again = self.json("replay", self.definitions, log, *self.options)
        if replayed != self.by_automation(again["firings"]):
            return None  # some trigger takes these events
        audited = self.json("audit", self.definitions, "--log", log, *self.options)
        number = len(firings)
        assert [number] * 3 == [audited[name] for name in ("recorded", "simulated", "matched")]
        assert [] == audited["unexpected"]
        return {one["name"]: one["matched"] for one in audited["automations"]}

    def explain(self):
        """It tells of the other dialect and order where those fire otherwise."""
        answer = self.json("explain", self.definitions, self.log, *self.options)
        if answer == NO_EVENTS:
            return answer
        here, there = self.replay(), self.replay(*self.other_dialect)
        # An event after the end ends the replay, though not in the other order.
        has_other_order = self.order == "received" and not any(map(self.case.get, LIMITS))
        in_order = self.replay("--order", "occurred") if has_other_order else None
        found = {}
        for one in answer["explanations"]:
            name, dialect, order = one["automation"], one["other_dialect"], one["other_order"]
            if name in there:
                found[name] = one["firings"]
                if dialect is None:
                    assert (name, here[name]) == (name, there[name])
                else:
                    assert (name, dialect["firings"]) == (name, len(there[name]))
                    assert dialect["because"]
                if in_order is not None:
                    expected = one["firings"] if order is None else order["firings"]
                    assert (name, expected) == (name, len(in_order[name]))
        return found

    def capture(self):
        """Of the first automation, for it takes long to find a small slice."""
        if self.has_range or self.case.get(BUFFER) or not self.enabled:
            return None
        name = self.enabled[0]["name"]
        wanted = ("--automation", name, *self.options)
        answer = self.json("capture", self.definitions, self.log, *wanted)
        return answer if answer == NO_EVENTS else {name: answer["firings_in_log"]}

    def test(self):
        """A test file that reads the log and expects just the firings that `replay` tells of."""
        if self.has_range or self.case.get(BUFFER) or not self.enabled:
            return None
        answer = self.answer()
        if answer == NO_EVENTS:
            return None
        firings = answer["firings"]
        expected = [
            {
                "automation": one["name"],
                "firings": [
                    {"at": f["at"], "labels": f["labels"]}
                    for f in firings
                    if f["automation"] == one["name"]
                ],
                "exact": True,
            }
            for one in self.enabled
        ]
        scenario = {
            "name": "as replayed",
            "triggers": self.definitions.name,
            "dialect": self.dialect[1],
            "order": self.order,
            "events": [{"log": self.log.name}],
            "expect": expected,
            **{name: self.case[name] for name in ("start", "until") if self.case.get(name)},
        }
        file = self.definitions.with_name("case.trigger-test.yaml")
        file.write_text(json.dumps({"tests": [scenario]}), "utf-8")
        done = ask("test", file, mode=self.mode)
        assert 0 == done.returncode, done.stdout.decode() + done.stderr.decode()
        return {}

    def watch(self):
        """What it makes of the log as it is piped in, up to its end."""
        if self.order != "log" or any(map(self.case.get, LIMITS)):
            return None
        buffer = [f"--{BUFFER}", self.case[BUFFER]] if self.case.get(BUFFER) else []
        options = (*self.dialect, *buffer, "--pace", "log", "--format", "jsonl")
        done = ask("watch", self.definitions, "-", *options, stdin=self.log.read_bytes())
        assert 0 == done.returncode, done.stderr.decode()
        records = map(json.loads, done.stdout.decode().splitlines())
        return self.by_automation(
            [one for one in records if one["kind"] == "fired" and one["trigger"] == "$"]
        )

    def lint(self):
        """How often it takes the automations to have fired on the log, which it does not say."""
        if self.order != "occurred" or any(map(self.case.get, (*LIMITS, BUFFER))):
            return None
        found = {}
        gather = session.gather_facts

        def spy(*arguments):
            facts = gather(*arguments)
            found.update(facts)
            return facts

        with patch.object(session, "gather_facts", spy):
            ask("lint", self.definitions, "--log", self.log, *self.dialect)
        return {
            one["name"]: found[number].firings
            for number, one in enumerate(self.case["automations"])
            if one in self.enabled
        }


def recorded(number, firing):
    """What a server that fires writes into its log."""
    event = firing["event_id"]
    related = {ID: f"prefect.event.{event}", "prefect.resource.role": "triggering-event"}
    return {
        "id": f"firing {number}",
        "event": "prefect.automation.triggered",
        "occurred": firing["at"],
        "resource": {ID: "prefect.automation.1", "prefect.resource.name": firing["automation"]},
        "related": [related] if event else [],
    }


def agree_on(commands):
    """All commands against `replay`; gives how often that fires."""
    replayed = commands.replay()
    for name in (
        "table",
        "until_quiet",
        "drawn",
        "sweep",
        "diff",
        "audit",
        "audit_of_a_server",
        "explain",
        "capture",
        "test",
        "watch",
        "lint",
    ):
        found = getattr(commands, name)()
        if found is None:
            continue
        if NO_EVENTS in (found, replayed):
            assert (name, replayed) == (name, found)
            continue
        for automation, fired in found.items():
            expected = replayed[automation]
            if isinstance(fired, int):
                expected = len(expected)
            assert (name, automation, expected) == (name, automation, fired)
    return 0 if replayed == NO_EVENTS else sum(map(len, replayed.values()))


@st.composite
def questions(draw):
    """A case or a part of it, the dialect and the mode; an empty log is another matter."""
    case = draw(cases(12, 1) | cases(24, 8))
    if draw(st.booleans()):
        case = in_order(case)
    case = draw(st.sampled_from((case, {**case, "start": None, "until": None})))
    case = {**case, BUFFER: draw(st.sampled_from((None, None, "0", "10", "3600")))}
    order = draw(st.sampled_from(("log", "occurred", "received")))
    jobs = draw(st.sampled_from((None, 1, 1)))
    mode = Mode(order=order, jobs=jobs, all_is_many=draw(st.booleans()))
    dialect = draw(st.sampled_from(("docs", "server", "server-3.8", "server-3.6", "server-3.4")))
    return draw(limited(case)), dialect, mode


@pytest.mark.timeout(1200)  # a failure is made smaller before it is told
def test_all_commands_agree(share, pytestconfig, say, tmp_path):
    """Whatever the dialect, order, range, start and end."""

    def agree(case, dialect, mode):
        return agree_on(Commands(case, tmp_path, dialect, mode))

    cases = CASES_OF_A_SHARE
    ask_random_cases(pytestconfig, say, "all commands", share, questions(), agree, cases=cases)
