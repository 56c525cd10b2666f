"""Random cases hold what has hidden wrong answers before, and often enough."""

from collections import Counter

from tests.front_door.door import PLAIN
from tests.front_door.modes import modes
from tests.front_door.test_docs import questions
from tests.oracle.cases import ROLE, drawn

SEED = 6
CASES = 40
MODES = 400
SELDOM = {"jobs", "apart"}


def leaves(trigger):
    """The event triggers of a trigger."""
    if "triggers" in trigger:
        return [leaf for child in trigger["triggers"] for leaf in leaves(child)]
    return [trigger]


def patterns(value):
    """All patterns of a filter."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [pattern for part in parts for pattern in patterns(part)]


def refuses(trigger, *filters):
    """Whether a filter of the trigger has a negated pattern."""
    return any(one[:1] == "!" for name in filters for one in patterns(trigger.get(name, [])))


def traits(case):
    """What may be met in a case, and whether it is in this one."""
    events = case["events"]
    times = [one["occurred"] for one in events]
    ids = [one["id"] for one in events]
    leaders = {one.get("follows") for one in events} - {None}
    automations = case["automations"]
    triggers = [leaf for one in automations for leaf in leaves(one["trigger"])]
    return {
        "five or more automations": len(automations) >= 5,
        "duplicates": len(set(ids)) < len(ids),
        "followers of followers": any(
            one["id"] in leaders and one.get("follows") for one in events
        ),
        "lost leaders": not leaders <= set(ids),
        "late events": times != sorted(times),
        "equal times": len(set(times)) < len(times),
        "log writes": any(one["event"] == "prefect.log.write" for one in events),
        "no role": any(ROLE not in related for one in events for related in one["related"]),
        "a part": bool(case.get("from") or case.get("to")),
        "an end inside": bool(case.get("until") and events and case["until"] < max(times)),
        **{
            f"refusing {name}": any(refuses(one, name) for one in triggers)
            for name in ("expect", "after", "match", "match_related")
        },
    }


def test_what_random_cases_are_made_of():
    """A third of the triggers refuse, a third of the cases have five automations or more."""
    met, names = Counter(), set()
    for case, _, mode in drawn(questions(), CASES, SEED):
        triggers = [leaf for one in case["automations"] for leaf in leaves(one["trigger"])]
        met["triggers"] += len(triggers)
        met["refusing"] += sum(
            refuses(one, "expect", "after", "match", "match_related") for one in triggers
        )
        names.update(traits(case))
        met.update(name for name, is_met in traits(case).items() if is_met)
        met.update(name for name, value in vars(mode).items() if value != getattr(PLAIN, name))
    assert met["refusing"] * 3 >= met["triggers"]
    assert met["five or more automations"] * 3 >= CASES
    often = {*names, *vars(PLAIN)} - SELDOM
    assert [] == [name for name in sorted(often) if met[name] < CASES // 40]


def test_processes_are_seldom():
    """Each takes half a second."""
    met = Counter()
    for mode in drawn(modes(), MODES, SEED):
        met["jobs"] += (mode.jobs or 1) > 1
        met["apart"] += mode.apart
    assert all(met[name] for name in SELDOM)
    assert met.total() < MODES // 10
