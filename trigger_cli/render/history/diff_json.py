"""``diff --format json``."""

from collections.abc import Sequence
from typing import Any

from trigger_cli.explain.sentence import written
from trigger_cli.history.diff import Diff, DiffSide, Group
from trigger_cli.history.first_difference import FirstDifference
from trigger_cli.history.kept_replay import Fired
from trigger_cli.render.common.plain_json import bounded, event_place, instant, labels_object
from trigger_cli.render.replay.json_report import firing_object, transition_object
from trigger_cli.times import SECOND, format_instant

FORMAT = "trigger-cli/diff@1"


def diff_object(diff: Diff) -> dict[str, Any]:
    """The object of ``--format json``; ``a`` and ``b`` are the two sides.

    Its groups and their firings are iterators, because they may be many.
    """
    return {
        "format": FORMAT,
        "a": _side(diff.first),
        "b": _side(diff.second),
        "start": instant(diff.started),
        "end": instant(diff.ended),
        "log": {
            "events": diff.events,
            "malformed": diff.malformed,
            "leaderless": diff.leaderless,
        },
        "differs": diff.differs,
        "automations": [
            {
                "name": bounded(one.name),
                "renamed": None if one.renamed is None else bounded(one.renamed),
                "a": one.first,
                "b": one.second,
                "same": one.same,
                "only_a": one.only_first,
                "only_b": one.only_second,
                "other_times": one.other_times,
                "other_events": one.other_events,
            }
            for one in diff.automations
        ],
        "only_in_a": [{"name": bounded(n), "firings": x} for n, x in diff.unmatched_first],
        "only_in_b": [{"name": bounded(n), "firings": x} for n, x in diff.unmatched_second],
        "groups": (_group(group) for one in diff.automations for group in one.groups),
    }


def diffs_object(diffs: Sequence[Diff]) -> dict[str, Any]:
    """The object of several comparisons."""
    return {"format": FORMAT, "comparisons": map(diff_object, diffs)}


def _side(side: DiffSide) -> dict[str, Any]:
    return {"name": bounded(side.name), "dialect": side.dialect.name, "order": side.order}


def _group(group: Group) -> dict[str, Any]:
    first_difference = group.first_difference
    return {
        "automation": bounded(group.automation),
        "labels": labels_object(group.labels),
        "same": group.same,
        "only_a": map(_fired, group.only_first),
        "only_b": map(_fired, group.only_second),
        "other_times": (
            {
                "a": _fired(one.first),
                "b": _fired(one.second),
                "later": (one.second.at - one.first.at) / SECOND,
            }
            for one in group.other_times
        ),
        "other_events": (
            {"a": _fired(one.first), "b": _fired(one.second)} for one in group.other_events
        ),
        "parting": None if first_difference is None else _first_difference(first_difference),
    }


def _fired(one: Fired) -> dict[str, Any]:
    return {**firing_object(one.firing), "by": "deadline" if one.by_deadline else "event"}


def _first_difference(first_difference: FirstDifference) -> dict[str, Any]:
    return {
        "at": format_instant(first_difference.at),
        "trigger": first_difference.trigger,
        **event_place(first_difference.event),
        "why": written(first_difference.why, name=bounded),
        "a": [transition_object(one) for one in first_difference.first],
        "b": [transition_object(one) for one in first_difference.second],
    }
