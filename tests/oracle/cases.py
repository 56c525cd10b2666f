"""Random cases: a few automations and a short log, small and full of traps.

A case is what the oracle reads: ``automations``, ``events`` in arrival order, ``until`` and perhaps
``start``. Times, names, labels and patterns come from small sets, so that equal instants, exact
deadlines, shared keys and half-matching patterns are common.
"""

from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from trigger_cli.times import SECOND, format_instant, parse_instant

NOON = parse_instant("2026-03-01T12:00:00Z")
ID, NAME, ROLE = "prefect.resource.id", "prefect.resource.name", "prefect.resource.role"

Json = dict[str, Any]

# --- Names and resources -------------------------------------------------------------

NAMES = ("a", "b", "c", "a", "b", "a.b", "ab", "prefect.log.write")
PATTERNS = ("a", "b", "a", "b", "c", "a*", "*", "a.*", "!a", "?", "[ab]", "a?", "*b", "prefect.*")
VALUES = ("x", "y", "x-test", "")
LABEL_PATTERNS = ("x", "x*", "*", "!x", "!x-*", "y", "?", "[xy]", "!y", "")
KEYS = (
    (),
    (ID,),
    (NAME,),
    (NAME, ID),
    (f"related:flow:{ID}",),
    (f"related:tag:{NAME}", ID),
    ("absent",),
)

names = st.sampled_from(NAMES)
choice = cache(st.sampled_from)


@cache  # as a strategy is slow to make, and is checked when it is first drawn from
def few(elements: st.SearchStrategy[Any], most: int, least: int = 0) -> st.SearchStrategy[Any]:
    """A short list."""
    return st.lists(elements, min_size=least, max_size=most)


resources = st.builds(
    lambda ident, name: {ID: ident} if name is None else {ID: ident, NAME: name},
    st.sampled_from(("r.1", "r.2", "x")),
    st.none() | st.sampled_from(VALUES),
)
related_resources = st.builds(
    lambda resource, role: {**resource, ROLE: role},
    resources,
    st.sampled_from(("flow", "tag")),
)


def without_some_roles(case: Json) -> Json:
    """The case with every third related resource bare of its role, which no server takes."""
    numbers = count()
    return {
        **case,
        "events": [
            {
                **event,
                "related": [
                    {k: v for k, v in one.items() if k != ROLE or next(numbers) % 3}
                    for one in event["related"]
                ],
            }
            for event in case["events"]
        ],
    }


label_patterns = st.sampled_from(LABEL_PATTERNS) | few(st.sampled_from(LABEL_PATTERNS), 3)
own_matches = st.dictionaries(
    st.sampled_from((ID, NAME, NAME, "absent")), label_patterns, max_size=2
)
related_matches = st.dictionaries(
    st.sampled_from((ID, NAME, ROLE)),
    label_patterns | st.sampled_from(("flow", "tag", "!tag")),
    max_size=2,
)
# What refuses: a negation alone, mixed with others, in lists.
refusing_lists = st.sampled_from(
    ("!x", "!y", "!x-*", ["!x"], ["x*", "!x-*"], ["!x", "!y"], ["y", "!x"], ["*", "!x"])
)
refusing_objects = st.builds(
    lambda label, patterns, others: {**others, label: patterns},
    st.sampled_from((ID, NAME)),
    refusing_lists,
    st.sampled_from(({}, {}, {ROLE: "tag"}, {ROLE: "flow"}, {ROLE: "!tag"}, {ID: "r.1"})),
)
resource_refusals = st.one_of(
    st.fixed_dictionaries({"match": refusing_objects}),
    st.fixed_dictionaries({"match_related": refusing_objects | few(refusing_objects, 2, least=1)}),
    st.fixed_dictionaries({"match_related": refusing_objects | few(refusing_objects, 2, least=1)}),
)
refusals = st.one_of(
    resource_refusals,
    resource_refusals,
    st.fixed_dictionaries({"expect": st.sampled_from((["!a"], ["a*", "!ab"], ["!b", "!c"]))}),
    st.fixed_dictionaries(
        {"expect": st.just(["a", "b"]), "after": st.sampled_from((["!a"], ["*", "!b"]))}
    ),
)
# Most other triggers take every resource: what never matches exercises nothing else.
matches = st.one_of(st.just({}), st.just({}), st.just({}), own_matches)
matches_related = st.one_of(
    st.just({}), st.just({}), st.just({}), st.just([]), related_matches, few(related_matches, 2)
)


# --- Triggers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Pace:
    """How long windows and pauses are, seconds. Both come from like sets, so ends are met.

    The proactive windows are no shorter than what makes a few dozen evaluations a log.
    """

    reactive: tuple[float, ...]
    proactive: tuple[float, ...]
    composite: tuple[float | None, ...]
    pauses: tuple[float, ...]


SHORT = Pace(
    reactive=(0, 10, 60, 60, 0.000001, 30.5),
    proactive=(10, 0, 60, 60, 30.5),
    composite=(None, None, 0, 10, 60, 60),
    pauses=(0, 0, 1, 10, 20, 30.5, 50, 59.999999, 60, 60.000001, 70, 120),
)
LONG = Pace(
    reactive=(0, 60, 300, 900),
    proactive=(300, 900, 1800, 2400),
    composite=(None, 300, 900, 0),
    pauses=(0, 0, 10, 60, 240, 300, 360, 840, 900, 960, 1800, 1799.999999),
)


@st.composite
def event_triggers(draw: st.DrawFn, pace: Pace, *, plain: bool = False) -> Json:
    """A reactive or proactive trigger; `plain`: two in three times one that fires easily."""
    if plain and draw(st.integers(0, 2)):
        name = draw(choice(("a", "b", "c", "a*")))
        easy: Json = {"type": "event", "posture": "Reactive", "expect": [name]}
        return easy | draw(st.just({}) | resource_refusals)
    posture = draw(choice(("Reactive", "Proactive")))
    trigger: Json = {
        "type": "event",
        "posture": posture,
        "threshold": draw(choice((1, 1, 1, 2, 2, 3, 0, -1))),
        "within": draw(choice(pace.reactive if posture == "Reactive" else pace.proactive)),
    }
    patterns = choice(PATTERNS)
    optional = {
        "expect": draw(few(patterns, 2)),
        "after": draw(st.one_of(st.just([]), few(patterns, 2))),
        "for_each": list(draw(choice(KEYS))),
        "match": draw(matches),
        "match_related": draw(matches_related),
    }
    # More than a third have a filter that refuses, so that what is skipped is often wrong to skip
    # (``tests/front_door/test_weights.py``).
    if draw(st.booleans()):
        optional |= draw(refusals)
    return trigger | {key: value for key, value in optional.items() if value not in ([], {})}


@st.composite
def watches(draw: st.DrawFn, pace: Pace) -> Json:
    """A proactive trigger with ``after``, such as holds events (H); often a heartbeat's."""
    trigger: Json = {
        "type": "event",
        "posture": "Proactive",
        "after": list(draw(choice((("a",), ("a",), ("a*",), ("a", "c"))))),
        "expect": list(draw(choice((("b",), ("b",), ("a", "b"), ("b", "c"), ("*",))))),
        "threshold": draw(choice((1, 1, 2, 3))),
        "within": draw(choice(pace.proactive)),
        "for_each": list(draw(choice(((ID,), (ID,), (), (NAME,))))),
    }
    if draw(st.integers(0, 3)) == 3:
        trigger |= draw(resource_refusals)
    return trigger


@st.composite
def composites(draw: st.DrawFn, pace: Pace, depth: int) -> Json:
    """A compound or sequence of one to three children, nested at most `depth` deep."""
    children = draw(few(triggers(pace, depth - 1, plain=True), 3, least=1))
    trigger: Json = {"triggers": children, "within": draw(choice(pace.composite))}
    if draw(st.booleans()):
        return {"type": "sequence", **trigger}
    require = draw(choice(("all", "all", "any", *range(1, len(children) + 1))))
    return {"type": "compound", "require": require, **trigger}


@cache
def triggers(pace: Pace, depth: int = 2, *, plain: bool = False) -> st.SearchStrategy[Json]:
    """Any trigger; a child of a composite should often be a `plain` one."""
    leaf = event_triggers(pace, plain=plain)
    return leaf if depth == 0 else st.one_of(leaf, leaf, composites(pace, depth))


# --- Logs ------------------------------------------------------------------------------


def identity(number: int) -> str:
    """A readable id."""
    return str(UUID(int=number))


@st.composite
def logs(
    draw: st.DrawFn, pace: Pace, most: int, least: int = 0, *, often_late: bool = False
) -> list[tuple[int, Json]]:
    """Events in arrival order, each with the clock at its arrival."""
    clock, log = NOON, []
    # Some logs are full of followers, and of events of one instant.
    tangled = draw(st.integers(0, 3)) == 3
    pauses = (0, 0, *pace.pauses[:4], pace.pauses[-4]) if tangled else pace.pauses
    for number in range(1, draw(st.integers(least, most)) + 1):
        pause = round(draw(choice(pauses)) * SECOND)
        late = draw(choice((often_late, False, False, True)))
        occurred = clock - pause if late else clock + pause
        clock = max(clock, occurred)
        event: Json = {
            "id": identity(number),
            "occurred": format_instant(occurred),
            "event": draw(choice(("a", "b", "c")) if often_late else names),
            "resource": {ID: "r.1"} if often_late and draw(st.booleans()) else draw(resources),
            "related": draw(few(related_resources, 2)),
        }
        # One event in a few is a second copy, one in a few follows some event, also itself,
        # one that is yet to come, or one that never comes.
        special = draw(st.integers(4 if tangled else 0, 7))
        if special == 7 or (tangled and special == 5):
            event["follows"] = identity(draw(st.integers(1, most + 1)))
        elif special == 6 and log:
            original = draw(st.sampled_from(log))[1]
            event["id"] = original["id"]
            event["follows"] = original.get("follows")
        log.append((clock, event))
    if draw(st.integers(0, 31)) == 31:
        log += chain(clock, draw(choice((3, 20, 21, 22, 25))), draw(names), most)
    return log


def chain(clock: int, length: int, name: str, most: int) -> list[tuple[int, Json]]:
    """Events that each follow the next, and then the one that all wait for (O4)."""
    first = most + 10
    return [
        (
            clock,
            {
                "id": identity(first + number),
                "occurred": format_instant(clock),
                "event": name,
                "resource": {ID: "r.1"},
                "related": [],
                "follows": identity(first + number - 1) if number else None,
            },
        )
        for number in range(length, -1, -1)
    ]


# --- Cases -----------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn, most_events: int = 12, least_events: int = 0) -> Json:
    """A whole case."""
    pace = draw(choice((SHORT, SHORT, LONG)))
    # Two in five cases have so many automations that an index is worth its while.
    is_crowded = draw(choice((False, False, False, True, True)))
    # In one of three others all triggers hold events (H), and these come in any order.
    holds = not is_crowded and draw(st.integers(0, 2)) == 2
    definitions = draw(
        few(triggers(pace, 1), 7, least=5)
        if is_crowded
        else few(watches(pace), 3, least=1)
        if holds
        else few(triggers(pace), 2, least=1)
    )
    log = draw(logs(pace, most_events, least_events, often_late=holds))
    last = log[-1][0] if log else NOON
    # Now and then long enough for all that waits to be released (O4).
    ends = (*pace.pauses, 900)
    case: Json = {
        "automations": [
            {"name": f"automation {number}", "trigger": trigger}
            for number, trigger in enumerate(definitions)
        ],
        "events": [event for _, event in log],
        "until": format_instant(last + round(draw(choice(ends)) * SECOND)),
    }
    if draw(st.integers(0, 7)) == 7:
        case["automations"][-1]["enabled"] = False
    if draw(st.integers(0, 3)) == 3:
        start = NOON - draw(choice((0, 10, 60))) * SECOND
        # A start after the last event is refused (T3).
        if any(parse_instant(event["occurred"]) >= start for _, event in log):
            case["start"] = format_instant(start)
    return case


def drawn(strategy: st.SearchStrategy[Any], number: int, first: int) -> list[Any]:
    """About `number` values of a strategy, the same ones for the same seed `first`."""
    found = []

    @seed(first)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found
