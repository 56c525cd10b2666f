"""What must stay the same, or change in step, when a case is changed in a known way.

For both dialects, on the random cases that the oracle is asked too.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import ours
from tests.oracle.cases import KEYS, NAME, NOON, PATTERNS, ROLE, SHORT, cases, event_triggers, logs
from tests.support import log_event, proactive
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.times import MINUTE, SECOND, format_instant, parse_instant

both_dialects = pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=lambda one: one.name)
quick = settings(max_examples=25)


def firings(case, dialect):
    """The root firings of a case, as the command line answers."""
    return ours.firings(case, dialect.name)


def shifted(value, delta):
    """A case or a firing with all its times moved."""
    if isinstance(value, dict):
        return {
            key: format_instant(parse_instant(one) + delta)
            if key in {"occurred", "start", "until", "at"}
            else shifted(one, delta)
            for key, one in value.items()
        }
    return [shifted(one, delta) for one in value] if isinstance(value, list) else value


@both_dialects
@quick
@given(case=cases(), delta=st.integers(-(10**15), 10**15))
def test_shifting_all_times_shifts_all_firings(dialect, case, delta):
    """Only differences of times decide."""
    assert shifted(firings(case, dialect), delta) == firings(shifted(case, delta), dialect)


def without_names(trigger, name):
    """`trigger` with no pattern that might take the event name `name`."""
    if "triggers" in trigger:
        return {**trigger, "triggers": [without_names(one, name) for one in trigger["triggers"]]}
    safe = [p for p in PATTERNS if p[0] not in "!*?"]
    return {
        **trigger,
        "expect": [p for p in trigger.get("expect", []) if p in safe] or ["a"],
        "after": [p for p in trigger.get("after", []) if p in safe],
    }


STRANGERS = ("zz.unheard-of", "prefect.log.write")


@both_dialects
@quick
@given(
    case=cases(),
    additions=st.lists(
        st.tuples(
            st.integers(0, 12),
            st.sampled_from(STRANGERS),
            st.sampled_from(SHORT.pauses),
        ),
        max_size=6,
    ),
)
def test_adding_events_that_match_nothing_changes_nothing(dialect, case, additions):
    """Events of a name that no trigger names, and log writes, which reach none (O3).

    They come no later than the event they are put before: the clock moves as it did.
    """
    case = {
        **case,
        "automations": [
            {**one, "trigger": without_names(one["trigger"], STRANGERS[0])}
            for one in case["automations"]
        ],
    }
    events, clock = [], None
    for number, event in enumerate(case["events"]):
        occurred = parse_instant(event["occurred"])
        clock = occurred if clock is None else max(clock, occurred)
        for place, name, before in additions:
            if place == number and number > 0:
                when = format_instant(clock - round(before * SECOND))
                ident = f"added {len(events)}"
                events.append({**event, "id": ident, "event": name, "occurred": when})
                events[-1].pop("follows", None)
        events.append(event)
    assert firings(case, dialect) == firings({**case, "events": events}, dialect)


def without_matches(trigger):
    """`trigger` taking every resource."""
    if "triggers" in trigger:
        return {**trigger, "triggers": [without_matches(one) for one in trigger["triggers"]]}
    return {k: v for k, v in trigger.items() if k not in {"match", "match_related"}}


def renamed(labels):
    """Other values for all labels but roles; an empty value stays, for it stands for none."""
    return {k: v if k == ROLE or not v else f"{v}, renamed" for k, v in labels.items()}


@both_dialects
@quick
@given(case=cases())
def test_renaming_label_values_renames_keys(dialect, case):
    """The values of a bucketing key are compared and reported, never interpreted."""
    case = {
        **case,
        "automations": [
            {**one, "trigger": without_matches(one["trigger"])} for one in case["automations"]
        ],
    }
    other = {
        **case,
        "events": [
            {
                **one,
                "resource": renamed(one["resource"]),
                "related": [renamed(r) for r in one["related"]],
            }
            for one in case["events"]
        ],
    }

    def rename(firing):
        return {
            **firing,
            "labels": {k: f"{v}, renamed" if v else v for k, v in firing["labels"].items()},
            "children": [rename(child) for child in firing["children"]],
        }

    assert [rename(one) for one in firings(case, dialect)] == firings(other, dialect)


def key_case(trigger, for_each, log, pause):
    """A case of one keyed trigger and a log in order of time, without delivery's doings."""
    trigger = {**trigger, "for_each": list(for_each)}
    events = sorted((one for _, one in log), key=lambda one: one["occurred"])
    events = [{**one, "id": f"e{number}", "follows": None} for number, one in enumerate(events)]
    last = parse_instant(events[-1]["occurred"]) if events else NOON
    start = parse_instant(events[0]["occurred"]) if events else NOON
    return {
        "automations": [{"name": "keyed", "trigger": trigger}],
        "events": events,
        "start": format_instant(start),
        "until": format_instant(last + round(pause * SECOND)),
    }


def key_of(for_each, event):
    """B2, for partitioning."""
    found = []
    for label in for_each:
        source = event["resource"]
        if label.startswith("related:"):
            _, role, label = label.split(":")  # noqa: PLW2901
            source = next((r for r in event["related"] if r[ROLE] == role), {})
        found.append(source.get(label, ""))
    return tuple(found)


def each_key_alone(case, dialect):
    """The firings of as many replays as there are keys."""
    for_each = case["automations"][0]["trigger"]["for_each"]
    found = []
    for key in {key_of(for_each, one) for one in case["events"]}:
        events = [one for one in case["events"] if key_of(for_each, one) == key]
        found += firings({**case, "events": events}, dialect)
    return in_some_order(found)


def in_some_order(found):
    return sorted(found, key=json.dumps)


@both_dialects
@quick
@given(
    trigger=event_triggers(SHORT),
    for_each=st.sampled_from([key for key in KEYS if key]),
    log=logs(SHORT, 14),
    pause=st.sampled_from(SHORT.pauses),
)
def test_replaying_each_key_separately_gives_the_union(dialect, trigger, for_each, log, pause):
    """Keys do not know of each other; in ``server``, where proactive ones do, see below."""
    if dialect is SERVER:
        trigger = {**trigger, "posture": "Reactive"}
    case = key_case(trigger, for_each, log, pause)
    assert each_key_alone(case, dialect) == in_some_order(firings(case, dialect))


# P5's neighbour: `b`'s deadline at 12:01:10 makes the server look at `a` before `a`'s own end at
# 12:01:50, and drop its satisfied window. So `a`'s event at 12:01:15, which `a` alone would have
# had counted in that window, opens another, which nothing satisfies.
NEIGHBOURS = {
    "automations": [
        {
            "name": "keyed",
            "trigger": proactive("beat", threshold=2, for_each=[NAME]),
        }
    ],
    "events": [
        log_event("beat", second, resource={"prefect.resource.id": "r", NAME: name}, related=[])
        for name, second in [("b", 10), ("a", 50), ("a", 65), ("a", 75)]
    ],
    "start": format_instant(NOON),
    "until": format_instant(NOON + 3 * MINUTE),
}


def test_in_the_server_a_proactive_key_can_change_what_another_does():
    """P5: every evaluation drops all satisfied windows, whoever's deadline it is."""
    fired = {one["labels"][NAME] for one in firings(NEIGHBOURS, SERVER)}
    assert {"a", "b"} == fired
    assert {"b"} == {one["labels"][NAME] for one in each_key_alone(NEIGHBOURS, SERVER)}
    assert each_key_alone(NEIGHBOURS, DOCS) == in_some_order(firings(NEIGHBOURS, DOCS))
