"""Holds a trace against the Trace Event Format, strictly: what is written here and nothing else."""

import json
from collections import Counter

REQUIRED = {
    "M": {"name", "pid", "args"},
    "X": {"name", "cat", "pid", "tid", "ts", "dur"},
    "i": {"name", "cat", "pid", "tid", "ts", "s"},
    "C": {"name", "pid", "ts", "args"},
    "s": {"name", "cat", "pid", "tid", "ts", "id"},
    "f": {"name", "cat", "pid", "tid", "ts", "id", "bp"},
}
OPTIONAL = {"M": {"tid"}, "X": {"args"}, "i": {"args"}}
METADATA = {"process_name", "process_sort_index", "thread_name", "thread_sort_index"}


def validated(text: str) -> dict:
    """The trace, once all of it is well formed."""
    trace = json.loads(text, parse_constant=lambda name: 1 / 0)
    assert {"traceEvents", "displayTimeUnit", "otherData"} == set(trace)
    assert "ms" == trace["displayTimeUnit"]
    assert isinstance(trace["otherData"], dict)
    events = trace["traceEvents"]
    for event in events:
        _keys(event)
        _numbers(event)
    _names(events)
    _nesting(events)
    _arrows(events)
    return trace


def _keys(event):
    phase = event.get("ph")
    assert phase in REQUIRED, event
    keys = set(event) - {"ph"}
    assert REQUIRED[phase] <= keys <= REQUIRED[phase] | OPTIONAL.get(phase, set()), event
    assert isinstance(event["name"], str)
    assert isinstance(event.get("cat", ""), str)
    assert isinstance(event.get("args", {}), dict)
    if phase == "M":
        assert event["name"] in METADATA
        key = "name" if event["name"].endswith("_name") else "sort_index"
        assert [key] == list(event["args"])
    if phase == "i":
        assert event["s"] == "t"
    if phase == "f":
        assert event["bp"] == "e"
    if phase == "C":
        assert all(isinstance(value, int | float) for value in event["args"].values())


def _numbers(event):
    for key in ("ts", "dur", "pid", "tid", "id"):
        if key in event:
            value = event[key]
            assert type(value) is int, (key, event)
            assert 0 <= value < 2**53, (key, event)


def _names(events):
    """Each process and each thread is named once, before anything happens on it."""
    named = Counter()
    for event in events:
        process, thread = (event["pid"],), (event["pid"], event.get("tid"))
        if event["ph"] == "M":
            named[(event["name"], *(thread if "tid" in event else process))] += 1
            continue
        assert named["process_name", *process]
        assert "tid" not in event or named["thread_name", *thread]
    assert set(named.values()) <= {1}


def _nesting(events):
    """On one track, slices nest or lie apart."""
    tracks = {}
    for event in events:
        if event["ph"] == "X":
            span = (event["ts"], event["ts"] + event["dur"])
            tracks.setdefault((event["pid"], event["tid"]), []).append(span)
    for spans in tracks.values():
        open_ends = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            while open_ends and open_ends[-1] <= start:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1], (start, end)
            open_ends.append(end)


def _arrows(events):
    """Each arrow starts and ends once, inside a slice, and does not go back in time."""
    slices = [
        (one["pid"], one["tid"], one["ts"], one["ts"] + one["dur"])
        for one in events
        if one["ph"] == "X"
    ]
    ends = {"s": {}, "f": {}}
    for event in events:
        if event["ph"] in ends:
            assert event["id"] not in ends[event["ph"]]
            ends[event["ph"]][event["id"]] = event
            place = (event["pid"], event["tid"])
            assert any(
                (pid, tid) == place and start <= event["ts"] < end
                for pid, tid, start, end in slices
            )
    assert set(ends["s"]) == set(ends["f"])
    for identity, start in ends["s"].items():
        assert start["ts"] <= ends["f"][identity]["ts"]
