"""``events --format json``."""

from typing import Any

from msgspec.structs import asdict

from trigger_cli.history.counting import Distinct
from trigger_cli.history.survey import KindTally, Survey
from trigger_cli.render.common.plain_json import bounded, instant
from trigger_cli.times import SECOND, format_instant

FORMAT = "trigger-cli/events@1"
_EXAMPLES = 5


def survey_object(survey: Survey, sources: tuple[str, ...]) -> dict[str, Any]:
    """The object of ``--format json``."""
    chains = survey.chains
    return {
        "format": FORMAT,
        "start": instant(survey.first),
        "end": instant(survey.last),
        "log": {
            "events": survey.events,
            "malformed": survey.malformed,
            "dropped_labels": survey.dropped_labels,
            "sources": [bounded(one) for one in sources],
        },
        "names": [
            {
                "name": bounded(name),
                "events": one.events,
                "per_hour": _per_hour(survey, one.events),
                "first": format_instant(one.first or 0),
                "last": format_instant(one.last),
                "resources": {bounded(kind): n for kind, n in one.kinds.most_common()},
            }
            for name, one in sorted(survey.names.items(), key=lambda item: -item[1].events)
        ],
        "more_names": survey.has_more_names,
        "resources": [_kind("kind", name, one) for name, one in _ranked(survey.kinds)],
        "roles": [_kind("role", name, one) for name, one in _ranked(survey.roles)],
        "order": {
            "newest_first": survey.newest_first,
            "out_of_order": survey.out_of_order,
            "most_out_of_order": survey.most_out_of_order / SECOND,
        },
        "received": {
            "missing": survey.without_received,
            "median_delay": survey.delays.percentile(0.5) / SECOND,
            "p99_delay": survey.delays.percentile(0.99) / SECOND,
            "max_delay": survey.delays.most / SECOND,
        },
        "duplicates": {
            "events": survey.duplicates,
            "at_least": survey.forgot_ids,
            "examples": [bounded(one) for one in survey.duplicate_examples],
        },
        "gaps": [
            {"start": format_instant(one.start), "seconds": one.length / SECOND}
            for one in survey.gaps
        ],
        "follows": {
            **asdict(chains),
            "pairs": [
                {"leader": bounded(leader), "follower": bounded(follower), "events": n}
                for (leader, follower), n in chains.pairs.most_common(50)
            ],
        },
        "server_firings": {bounded(name): n for name, n in survey.firings.most_common()},
    }


def _ranked(tallies: dict[str, KindTally]) -> list[tuple[str, KindTally]]:
    return sorted(tallies.items(), key=lambda item: -item[1].events)


def _kind(what: str, name: str, one: KindTally) -> dict[str, Any]:
    return {
        what: bounded(name),
        "seen": one.events,
        "ids": _distinct(one.ids),
        "labels": [
            {"label": bounded(label), "seen": tally.events, **_distinct(tally.values)}
            for label, tally in one.labels.items()
        ],
    }


def _distinct(values: Distinct) -> dict[str, Any]:
    return {
        "distinct": values.count,
        "more": values.more,
        "examples": [bounded(one) for one in values.examples(_EXAMPLES)],
    }


def _per_hour(survey: Survey, events: int) -> float | None:
    lasted = (survey.last or 0) - (survey.first or 0)
    return round(events * 3600 * SECOND / lasted, 3) if lasted > 0 else None
