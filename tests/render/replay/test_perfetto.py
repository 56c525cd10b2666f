"""``replay --format perfetto``: every trace is well formed and tells the same firings."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.running import run
from tests.hostile import hostile_log, hostile_triggers
from tests.render.replay.trace_validator import validated
from tests.support import REPOSITORY, automations, event, log_event, reactive, replay, written_log
from trigger_cli.dialects import DIALECTS
from trigger_cli.render.replay import perfetto
from trigger_cli.render.replay.perfetto import PerfettoTrace
from trigger_cli.times import format_instant, parse_instant

TRIGGERS = REPOSITORY / "sample_events" / "triggers"
LOG = REPOSITORY / "sample_events" / "nightly.events.jsonl"


def traced(found, events, dialect="docs", **options):
    """The trace's text, and the firings of the automations themselves."""
    pieces: list[str] = []
    trace = PerfettoTrace(pieces.append, shows_firing=lambda _: True)
    firings = []
    end = 0
    for one in replay(found, events, DIALECTS[dialect], **options):
        trace.add(one)
        end = max(end, one.at)
        if one.kind == "fired" and one.trigger is one.automation.trigger:
            firings.append((one.automation.index + 1, format_instant(one.at)))
    trace.finish({}, end)
    return "".join(pieces), firings


def own_firings(trace):
    return [
        (one["pid"], one["args"]["at"])
        for one in trace["traceEvents"]
        if one["ph"] == "i" and one["cat"] == "firing"
    ]


def names_in(trace):
    """The automations' names, by process."""
    return {
        one["pid"]: one["args"]["name"]
        for one in trace["traceEvents"]
        if one["name"] == "process_name"
    }


@pytest.mark.parametrize("dialect", ["docs", "server"])
@pytest.mark.parametrize("path", sorted(TRIGGERS.iterdir()), ids=lambda path: path.stem)
def test_every_sample_gives_a_sound_trace_with_the_firings_of_the_json(path, dialect):
    """The trace, validated; its firings are those of ``--format json``."""
    options = (path, LOG, "--dialect", dialect)
    trace = validated(run("replay", *options, "--format", "perfetto").stdout.decode())
    told = json.loads(run("replay", *options, "--format", "json").stdout)
    names = names_in(trace)
    firings = [(names[pid], at) for pid, at in own_firings(trace)]
    assert sorted((one["automation"], one["at"]) for one in told["firings"]) == sorted(firings)
    assert {"format": "trigger-cli/perfetto@1", "start": told["start"]}.items() <= trace[
        "otherData"
    ].items()


def test_a_composite_has_an_arrow_from_each_child():
    """Three children's firings lead to the parent's, each at its own time."""
    options = (TRIGGERS / "15-compound-exports.json", LOG, "--format", "perfetto")
    trace = validated(run("replay", *options).stdout.decode())
    epoch = parse_instant(trace["otherData"]["epoch"])
    starts = [one["ts"] + epoch for one in trace["traceEvents"] if one["ph"] == "s"]
    ends = {one["ts"] + epoch for one in trace["traceEvents"] if one["ph"] == "f"}
    assert ["01:33:12", "01:36:40", "01:41:05"] == [format_instant(at)[11:19] for at in starts]
    assert ["01:41:05"] == [format_instant(at)[11:19] for at in ends]


def test_windows_are_slices_with_their_fate():
    """Two windows: one fires and cools down, the next runs out."""
    trigger = {"posture": "Reactive", "expect": ["x"], "threshold": 2, "within": 60}
    events = [event("x", n, id=str(n)) for n in (0, 30, 100, 200)]
    text, _ = traced(automations(trigger), events)
    slices = [one for one in validated(text)["traceEvents"] if one["ph"] == "X"]
    noon = 12 * 3600
    assert [
        ("fired 2/2", 0, 30),
        ("cooling", 30, 60),
        ("closed 1/2", 60, 120),
        ("open 1/2", 200, 260),
    ] == [
        (one["name"], one["ts"] / 1e6 - noon, (one["ts"] + one["dur"]) / 1e6 - noon)
        for one in slices
    ]
    assert {"state": "fired", "rule": "E3", "count": 2, "threshold": 2}.items() <= slices[0][
        "args"
    ].items()


NAMES = st.sampled_from(["a", "b", "c"])
EVENTS = st.lists(
    st.tuples(NAMES, st.integers(0, 300), st.sampled_from(["one", "two", ""])), max_size=40
)
EVENT_TRIGGERS = st.fixed_dictionaries(
    {
        "posture": st.sampled_from(["Reactive", "Proactive"]),
        "expect": st.lists(NAMES, max_size=2),
        "after": st.lists(NAMES, max_size=2),
        "for_each": st.sampled_from([[], ["prefect.resource.id"]]),
        "threshold": st.integers(1, 3),
        "within": st.sampled_from([10, 30, 90]),
    }
) | st.fixed_dictionaries(
    {"posture": st.just("Reactive"), "expect": st.lists(NAMES, max_size=2), "within": st.just(0)}
)
COMPOSITES = st.recursive(
    EVENT_TRIGGERS,
    lambda children: st.fixed_dictionaries(
        {
            "type": st.sampled_from(["compound", "sequence"]),
            "within": st.sampled_from([10, 60, None]),
            "triggers": st.lists(children, min_size=1, max_size=3),
        }
    ).map(lambda one: one if one["type"] == "sequence" else {**one, "require": "all"}),
    max_leaves=4,
)


@settings(max_examples=60)
@given(
    st.lists(COMPOSITES, min_size=1, max_size=3),
    EVENTS,
    st.sampled_from(["docs", "server"]),
    st.booleans(),
)
def test_every_trace_is_well_formed(triggers, events, dialect, in_order):
    """Random replays, in order or not: sound, and with exactly the firings there were."""
    made = [event(name, at, key, id=str(n)) for n, (name, at, key) in enumerate(events)]
    if in_order:
        made.sort(key=lambda one: one.occurred)
    text, firings = traced(automations(*triggers), made, dialect, until_quiet=in_order)
    assert firings == own_firings(validated(text))


def test_hostile_text_is_text(tmp_path):
    """Names with markup, controls and lone surrogates come back as they were, or visibly."""
    triggers = hostile_triggers(tmp_path / "t.json")
    log = hostile_log(tmp_path / "log.jsonl", size=100)
    text = run("replay", triggers, log, "--format", "perfetto").stdout.decode()
    assert validated(text)["traceEvents"]
    assert not any(one in text for one in "\x1b\u2028\u2029\x00")
    # Megabytes stay bounded.
    assert max(map(len, text.splitlines())) < 30_000


def test_buckets_without_a_track_of_their_own_share_one(monkeypatch):
    """However many keys there are, the number of tracks is bounded, and firings are all told."""
    monkeypatch.setattr(perfetto, "MOST_TRACKS", 3)
    trigger = reactive("x", within=9, for_each=["prefect.resource.id"])
    events = [event("x", n, f"key.{n}", id=str(n)) for n in range(10)]
    text, firings = traced(automations(trigger), events)
    trace = validated(text)
    assert firings == own_firings(trace)
    names = [one["args"]["name"] for one in trace["traceEvents"] if one["name"] == "thread_name"]
    assert 4 == len(names)
    assert "other buckets" == names[-1]
    assert 0 < trace["otherData"]["transitions_without_track"]


def test_nothing_happened_is_a_trace_too():
    """No event, no track, and still an object that opens."""
    text, _ = traced(automations({"posture": "Reactive", "expect": ["x"]}), [])
    assert [] == validated(text)["traceEvents"]


def test_instants_centuries_apart_stay_within_what_json_can_say(tmp_path):
    """Years 1 and 9999 in one log: no number above 2^53."""
    times = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    events = [log_event("x", id=one, occurred=one) for one in times]
    log = written_log(tmp_path / "log.jsonl", events)
    triggers = tmp_path / "t.json"
    triggers.write_text('{"posture": "Reactive", "expect": ["x"], "within": 60}')
    done = run("replay", triggers, log, "--format", "perfetto")
    assert 2 == len(own_firings(validated(done.stdout.decode())))


def test_only_what_was_asked_for_is_traced():
    """``--automation`` leaves the others out."""
    options = (TRIGGERS, "--log", LOG, "--automation", "All three*", "--format", "perfetto")
    trace = validated(run("replay", *options).stdout.decode())
    names = [one["args"]["name"] for one in trace["traceEvents"] if one["name"] == "process_name"]
    assert ["All three exports are written"] == names


def test_buckets_whose_ids_begin_alike_have_tracks_of_two_names():
    """Task runs of one minute have UUIDs of one beginning; the second shows all of its id."""
    ids = [f"prefect.task-run.0197a3b2-1111-7000-8000-00000000000{one}" for one in "12"]
    events = [event("x", n, one, line=n) for n, one in enumerate(ids)]
    definition = reactive("x", for_each=["prefect.resource.id"], threshold=2, within=60)
    text, _ = traced(automations(definition), events)
    named = [one for one in json.loads(text)["traceEvents"] if one["name"] == "thread_name"]
    tracks = [one["args"]["name"] for one in named]
    assert ["resource=0197a3b2…", f"resource={ids[1][-36:]}"] == tracks
