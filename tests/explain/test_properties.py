"""For any triggers and logs, an explanation never disagrees with the replay."""

from contextlib import ExitStack
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.explain.support import evidence_of, explained, numbered
from tests.support import NOON, at, automations, event, replay
from trigger_cli.definitions import load_text
from trigger_cli.dialects import ALL_DIALECTS, DOCS, SERVER
from trigger_cli.explain import evidence as evidence_module
from trigger_cli.explain import tally
from trigger_cli.explain.case import Case
from trigger_cli.explain.causes import CAUSES
from trigger_cli.explain.evidence import Occasion, Trial, occasion_of
from trigger_cli.explain.explain import Question, conclude, explain
from trigger_cli.explain.records import Conclusion
from trigger_cli.explain.scope import Share, scope_over
from trigger_cli.explain.snapshot import snapshot_at
from trigger_cli.model import CompositeTrigger
from trigger_cli.render.common.plain_json import dump_json
from trigger_cli.render.explain.json_report import explanation_object
from trigger_cli.times import SECOND
from trigger_cli.views.firing_identity import likeness

NAMES = st.sampled_from(
    [
        "a", "b", "c", "A", "prefect.flow-run.Failed", "prefect.flow-run.Pending",
        "prefect.log.write",
    ]
)  # fmt: skip
KEYS = st.sampled_from(["r1", "r2"])
LABELS = st.fixed_dictionaries(
    {"prefect.resource.id": KEYS}, optional={"k": st.sampled_from(["1", "2"])}
)
TAG = st.fixed_dictionaries(
    {
        "prefect.resource.id": st.sampled_from(["prefect.tag.x", "prefect.tag.y"]),
        "prefect.resource.role": st.just("tag"),
    }
)


@st.composite
def logs(draw):
    """A few events, seconds to minutes apart; some are copies, or follow one that may not come."""
    count = draw(st.integers(0, 12))
    found = []
    seconds = 0
    for number in range(count):
        seconds += draw(st.integers(0, 90)) if draw(st.integers(0, 9)) else 900
        if found and not draw(st.integers(0, 6)):
            found.append(found[-1])
            continue
        one = event(
            draw(NAMES),
            seconds,
            draw(LABELS),
            draw(st.lists(TAG, max_size=2)),
            id=f"e{number}",
            follows=draw(st.none() | st.none() | st.sampled_from(["lost", "e0", "e2", "e5", "e9"])),
        )
        late = draw(st.integers(0, 3))
        found.append(one._replace(received=one.occurred + late * SECOND))
    return found


PATTERNS = st.lists(st.sampled_from(["a", "b", "c", "!a", "*", "A"]), max_size=2)
MATCH = st.dictionaries(
    st.sampled_from(["k", "prefect.resource.id"]),
    st.lists(st.sampled_from(["1", "r1", "!2", "*", "x?"]), min_size=1, max_size=2),
    max_size=2,
)
RELATED = st.sampled_from(
    [
        {},
        {"prefect.resource.id": "prefect.tag.x"},
        {"prefect.resource.id": "!prefect.tag.x", "prefect.resource.role": "tag"},
    ]
)
FOR_EACH = st.sampled_from([[], [], ["prefect.resource.id"], ["k"]])
REACTIVE = st.fixed_dictionaries(
    {
        "posture": st.just("Reactive"),
        "expect": PATTERNS,
        "after": st.one_of(st.just([]), PATTERNS),
        "match": MATCH,
        "match_related": RELATED,
        "for_each": FOR_EACH,
        "threshold": st.integers(0, 3),
        "within": st.sampled_from([0, 30, 60]),
    }
)
PROACTIVE = st.fixed_dictionaries(
    {
        "posture": st.just("Proactive"),
        "expect": PATTERNS,
        "after": st.one_of(st.just([]), PATTERNS),
        "match": MATCH,
        "for_each": FOR_EACH,
        "threshold": st.integers(0, 2),
        "within": st.sampled_from([10, 30, 60]),
    }
)
METRIC = st.fixed_dictionaries(
    {
        "type": st.just("metric"),
        "metric": st.fixed_dictionaries(
            {
                "name": st.sampled_from(["successes", "duration"]),
                "operator": st.sampled_from(["<", ">"]),
                "threshold": st.sampled_from([0.5, 10]),
                "range": st.just(60),
                "firing_for": st.sampled_from([0, 30]),
            }
        ),
    }
)
LEAVES = REACTIVE | PROACTIVE | METRIC
TRIGGERS = st.recursive(
    LEAVES,
    lambda children: st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("compound"),
                "require": st.sampled_from(["any", "all"]),
                "within": st.sampled_from([None, 0, 30, 60]),
                "triggers": st.lists(children, min_size=1, max_size=3),
            }
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("sequence"),
                "within": st.sampled_from([None, 30, 60]),
                "triggers": st.lists(children, min_size=1, max_size=3),
            }
        ),
    ),
    max_leaves=4,
)
DIALECTS = st.sampled_from([DOCS, SERVER])
BOUNDS = [
    (tally, "KEPT_PASSING"),
    (tally, "ASKED_WHY_NOT"),
    (tally, "KEPT_KEYS"),
    (evidence_module, "KEPT_RECORDS"),
]
MANY = settings(max_examples=40)


def firings_of(automation, events, dialect):
    """The automation's own firings by the engine alone."""
    lines = events if events and events[0].line else numbered(events)
    return [
        one.firing
        for one in replay([automation], lines, dialect)
        if one.kind == "fired" and one.trigger is automation.trigger
    ]


@settings(max_examples=80)
@given(
    trigger=TRIGGERS,
    events=logs(),
    dialect=DIALECTS,
    order=st.sampled_from(["occurred", "received"]),
    bound=st.none() | st.integers(1, 4),
    firing=st.sampled_from([None, 1]),
)
def test_the_verdict_agrees_with_the_replay(trigger, events, dialect, order, bound, firing):
    """It says fired if, and only if, the engine fires, however few events and records are kept."""
    with ExitStack() as stack:
        for module, name in BOUNDS if bound else ():
            stack.enter_context(patch.object(module, name, bound))
        evidence = evidence_of(trigger, events, dialect, order=order)
        (automation,) = evidence.automations
        explanation = explain(evidence, automation, Question(firing=firing))
        in_order = sorted(numbered(events), key=lambda one: (getattr(one, order), one.line))
        fired = firings_of(automation, in_order, dialect)
        assert len(fired) == explanation.firings
        assert (explanation.verdict == "fired") == bool(fired)
        assert explanation.diagnosis.cause in CAUSES
        # Whatever the case, it can be written down.
        assert dump_json(explanation_object(explanation))
        for one in in_order[:3]:
            evidence.taken.add(one.line)
            assert conclude(evidence, automation, Question(event=one)).event


@MANY
@given(trigger=TRIGGERS, events=logs(), dialect=DIALECTS, firing=st.sampled_from([None, 1, 2]))
def test_a_conclusion_is_that_of_the_explanation(trigger, events, dialect, firing):
    """What is computed without the evidence is what stands above the evidence."""
    evidence = evidence_of(trigger, events, dialect)
    (automation,) = evidence.automations
    question = Question(event=next(evidence.kept.matchable(), None), firing=firing)
    explanation = explain(evidence, automation, question)
    for name in Conclusion.__struct_fields__:
        assert getattr(explanation, name) == getattr(conclude(evidence, automation, question), name)


@settings(max_examples=80)
@given(trigger=TRIGGERS, events=logs(), dialect=DIALECTS, firing=st.sampled_from([None, 1]))
def test_every_counterfactual_does_what_it_says(trigger, events, dialect, firing):
    """The change, read from JSON like any definition, gives the firings that it says.

    Of a silenced firing, none by the same event is left, or at the same time if time alone brought it.
    """
    evidence = evidence_of(trigger, events, dialect)
    (automation,) = evidence.automations
    explanation = explain(evidence, automation, Question(firing=firing))
    before = firings_of(automation, events, dialect)
    for change in (*explanation.counterfactuals, *explanation.more_firings):
        changed = applied(trigger, change.trigger, change.change)
        after = firings_of(read(changed, automation), events, dialect)
        assert (len(before), len(after)) == (change.before, change.firings)
        if change in explanation.more_firings or not before:
            assert change.firings > change.before
        elif firing:
            assert likeness(before[0]) not in map(likeness, after)


@MANY
@given(
    definitions=st.lists(PROACTIVE | TRIGGERS, min_size=1, max_size=3),
    events=logs(),
    dialect=st.sampled_from(ALL_DIALECTS),
    order=st.sampled_from(["occurred", "received"]),
    silence=st.none() | st.integers(0, 9_000),
)
def test_a_trial_counts_the_firings_that_a_replay_lists(
    definitions, events, dialect, order, silence
):
    """Also where it passes firings in a row without an event at once."""
    last = max((one.occurred for one in events), default=NOON)
    until = None if silence is None else (last - NOON) // SECOND + silence
    evidence = evidence_of(definitions[0], events, dialect, order=order, until=until, start=0)
    changed = automations(*definitions)
    outcomes = evidence.each_again([(one, dialect) for one in changed])
    wanted = [occasion_of(one) for outcome in outcomes for one in outcome.firings]
    wanted += [replace(one, at=one.at + SECOND) for one in wanted if one.line is None]
    of_one = Share(scope_over((("prefect.resource.id", "r1"),), events), ())
    for occasion in (None, *wanted[:2], *wanted[-4:]):
        for share in (None, of_one):
            trials = []
            for one in outcomes:
                firings = [x for x in one.firings if share is None or share.has_firing(x)]
                pending = tuple(x for x in one.pending if share is None or share.has_pending(x))
                looked_at = [x for x in one.firings if x in firings or x.event is not None]
                has_wanted = occasion in list(map(occasion_of, looked_at))
                trials.append(Trial(len(firings), has_wanted, pending))
            variants = [(one, dialect) for one in changed]
            assert trials == evidence.each_trial(variants, occasion, share)


def test_a_month_of_silence_takes_one_record():
    """A quarter of a million firings of a changed trigger were kept one by one."""
    evidence = evidence_of(
        {"posture": "Proactive", "expect": ["a"], "within": 86_400},
        [event("a", 5)],
        until=2_600_000,
    )
    (changed,) = automations({"posture": "Proactive", "expect": ["a"], "within": 10})
    yielded = []
    with patch.object(
        evidence_module, "occasion_of", lambda one: yielded.append(one) or occasion_of(one)
    ):
        (trial,) = evidence.each_trial([(changed, DOCS)], Occasion(None, at(2_000_005)))
    assert (259_998, True) == (trial.firings, trial.has_wanted)
    assert len(yielded) < 5


def test_runs_of_one_bucket_are_counted_for_its_scope():
    """All buckets' firings in a row were counted one by one, of which one bucket's were asked."""
    events = [event("a", 5, "r1", line=1), event("a", 7, "r2", line=2)]
    watch = {"posture": "Proactive", "expect": ["a"], "for_each": ["prefect.resource.id"]}
    evidence = evidence_of({**watch, "within": 86_400}, events, until=10_000)
    (changed,) = automations({**watch, "within": 10})
    share = Share(scope_over((("prefect.resource.id", "r1"),), events), ())
    for seconds, has_wanted in ((5_025, True), (5_027, False)):
        occasion = Occasion(None, at(seconds))
        (trial,) = evidence.each_trial([(changed, DOCS)], occasion, share)
        assert (998, has_wanted) == (trial.firings, trial.has_wanted)
        (both,) = evidence.each_trial([(changed, DOCS)], occasion)
        assert (1_996, True) == (both.firings, both.has_wanted)


def test_a_change_of_too_many_windows_is_given_up_alone(monkeypatch):
    """A watch of each of thousands of keys took a minute, for an answer that nobody wants."""
    monkeypatch.setattr(evidence_module, "MOST_WORK", 3)
    events = [event("a", 5 + 100 * number, f"r{number}", line=number) for number in range(1, 9)]
    watch = {"posture": "Proactive", "expect": ["a"], "for_each": ["prefect.resource.id"]}
    evidence = evidence_of({**watch, "within": 86_400}, events)
    variants = [
        (one, DOCS)
        for one in automations(
            *({**watch, "within": 900, "threshold": number} for number in (1, 2)),
            {**watch, "within": 10},
            {**watch, "within": 800},
        )
    ]
    first, second, tiny, last = evidence.each_trial(variants, None)
    assert tiny is None
    assert [first, second] == evidence.each_trial(variants[:2], None)
    (alone,) = evidence.each_trial(variants[3:], None)
    assert (alone.firings, len(alone.pending)) == (last.firings, len(last.pending))


@MANY
@given(
    seconds=st.lists(st.integers(0, 200), min_size=2, max_size=9),
    names=st.lists(st.sampled_from(["a", "b"]), min_size=9, max_size=9),
    late=st.lists(st.sampled_from([0, 0, 50]), min_size=9, max_size=9),
    trigger=st.fixed_dictionaries(
        {
            "posture": st.just("Reactive"),
            "expect": st.just(["a"]),
            "after": st.sampled_from([[], [], ["b"]]),
            "threshold": st.integers(2, 4),
            "within": st.sampled_from([30, 60]),
        }
    ),
    dialect=DIALECTS,
    order=st.sampled_from(["occurred", "received"]),
)
def test_a_window_is_too_short_by_what_is_said(seconds, names, late, trigger, dialect, order):
    """So much longer, it fires; though earlier windows are longer, too, and take its events."""
    events = [
        event(name, at_)._replace(received=at(at_ + delay))
        for name, at_, delay in zip(names, sorted(seconds), late, strict=False)
    ]
    explanation = explained(trigger, events, dialect, order=order)
    miss = explanation.nearest_miss
    if explanation.firings or miss is None or miss.missed_by is None:
        return
    longer = {**trigger, "within": trigger["within"] + miss.missed_by / SECOND + 0.1}
    in_order = sorted(numbered(events), key=lambda one: (getattr(one, order), one.line))
    (automation,) = automations(longer)
    assert firings_of(automation, in_order, dialect)


def applied(trigger, path, change):
    """The definition with the fields of `change` at a trigger's path."""
    if path == "$":
        merged = {**trigger, **change}
        if "metric" in change:
            merged["metric"] = {**trigger["metric"], **change["metric"]}
        return merged
    _, _, rest = path.partition(".triggers[")
    number, _, deeper = rest.partition("]")
    children = list(trigger["triggers"])
    children[int(number)] = applied(children[int(number)], f"${deeper}", change)
    return {**trigger, "triggers": children}


def read(trigger, automation):
    """A changed definition in the place of the automation."""
    (changed,) = load_text(dump_json([trigger]), file="changed.json").automations
    return replace(changed, index=automation.index)


@MANY
@given(trigger=TRIGGERS, events=logs(), dialect=DIALECTS, seconds=st.integers(0, 400))
def test_a_moment_holds_what_the_records_say(trigger, events, dialect, seconds):
    """Buckets and stored firings at a moment are open: none has ended in a firing before."""
    evidence = evidence_of(trigger, events, dialect)
    (automation,) = evidence.automations
    at = NOON + seconds * SECOND
    snapshot = snapshot_at(Case(evidence, automation, automation.trigger), at)
    assert at == snapshot.at
    for stored in snapshot.stored:
        assert stored.firing.at <= at
        assert stored.expires is None or stored.expires >= at


@MANY
@given(trigger=TRIGGERS, events=logs().filter(bool), dialect=DIALECTS, data=st.data())
def test_an_event_fired_if_the_replay_says_so(trigger, events, dialect, data):
    """What one event did agrees with the firings that name it, but those at a child's deadline."""
    line = data.draw(st.integers(1, len(events)))
    evidence = evidence_of(trigger, events, dialect, find=line)
    (automation,) = evidence.automations
    one = conclude(evidence, automation, Question(event=evidence.found[0])).event
    records = {record.seq: record for record in replay([automation], numbered(events), dialect)}

    def caused(record):
        while isinstance(record.trigger, CompositeTrigger):
            record = records[max(record.because)]
        return record

    fired = [
        record
        for record in records.values()
        if record.kind == "fired"
        and record.trigger is automation.trigger
        and caused(record).event is not None
        and record.event.line == line
    ]
    assert bool(fired) == one.fired
    assert one.diagnosis.cause in CAUSES


@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=lambda one: one.name)
def test_the_same_input_gives_the_same_explanation(dialect):
    """Byte for byte (T2)."""
    trigger = {"posture": "Reactive", "expect": ["a"], "threshold": 3, "within": 60}
    events = [event("a", seconds) for seconds in (0, 50, 70)]

    def once():
        evidence = evidence_of(trigger, events, dialect)
        return dump_json(explanation_object(explain(evidence, evidence.automations[0], Question())))

    assert once() == once()
