"""The documentation page, section by section: each behaviour that it states, replayed.

`SECTIONS` maps the page's sections to the tests below. The triggers are written as on the page,
fragments completed with what their section says; where section D of ``semantics.md`` says that
the real server differs, the same log shows that too. That the page's own text loads is tested
in ``tests/definitions``.
"""

import re

import pytest

from tests.support import SHARED, event, firing_times, flow_run, related, transitions
from trigger_cli.dialects import DOCS, SERVER

SECTIONS = {
    "Event triggers": [
        "test_an_empty_expect_takes_any_event",
        "test_for_each_reads_related_resources",
    ],
    "Resource matching": ["test_labels_are_anded_and_values_ored"],
    "Example": ["test_match", "test_match_related", "test_match_and_match_related"],
    "Advanced matching for related resources": ["test_a_list_of_related_resources"],
    "Negative matching": [
        "test_all_runs_except_those_tagged_dev",
        "test_production_but_not_production_test",
        "test_related_conditions_with_an_exclusion",
    ],
    "Expected events": [
        "test_expect_one_event",
        "test_two_occurrences_within_sixty_seconds",
        "test_after_a_table_was_missing",
    ],
    "Evaluation strategy": [
        "test_proactive_without_for_each",
        "test_proactive_with_for_each",
        "test_proactive_needs_ten_seconds",
    ],
    "Metric triggers": ["test_successes_below_ninety_percent", "test_lateness_above_five_minutes"],
    "Composite triggers": [
        "test_three_exports_within_an_hour",
        "test_a_sequence_around_the_compound",
        "test_any_of_three_kinds",
        "test_without_within_there_is_no_limit",
        "test_require_two",
    ],
    "Support for event trigger types": ["test_the_server_has_no_metric_triggers"],
}

PAGE = sorted(SHARED.glob("seeds/*.txt"))
DEPLOYMENT = "prefect.deployment.37ca4a08-e2d9-4628-a310-cc15a323378e"
DEPLOYED = related("deployment", DEPLOYMENT)
POOL = related("work-pool", "prefect.work-pool.1", **{"prefect.resource.name": "k8s-pool"})
HOUR = 3600


def tag(name):
    return related("tag", f"prefect.tag.{name}")


def run(name, second=0, *others, state="Completed"):
    """A run's event, with its name."""
    labels = {"prefect.resource.id": f"prefect.flow-run.{name}", "prefect.resource.name": name}
    return event(f"prefect.flow-run.{state}", second, labels, others)


def names(trigger, events, dialect=DOCS):
    """The names of the runs whose event fired a trigger that takes each event for itself."""
    fired = [t for t in transitions(trigger, events, dialect) if t.kind == "fired"]
    return [t.event.resource.get("prefect.resource.name", "") for t in fired]


def test_the_table_names_every_test_and_every_section():
    """No section of the page without a test, and no test that the table forgets."""
    listed = [name for tests in SECTIONS.values() for name in tests]
    here = [
        name
        for name in globals()
        if name.startswith("test_") and name != "test_the_table_names_every_test_and_every_section"
    ]
    assert sorted(listed) == sorted(here)
    if not PAGE:
        pytest.skip("the documentation page is not beside the checkout (../shared/seeds)")
    text = PAGE[0].read_text("utf-8")
    headings = re.findall(r"^#{3,5} (?:\[\]\(#[\w-]+\) )?(.+)$", text, re.MULTILINE)
    behaviour = [one for one in headings if one in SECTIONS]
    assert sorted(SECTIONS) == sorted(behaviour)


# --- Event triggers ------------------------------------------------------------------


def test_an_empty_expect_takes_any_event():
    """“If empty, this automation will evaluate any matched event.”"""
    trigger = {"type": "event", "posture": "Reactive", "match": {}, "expect": []}
    assert [0, 1] == firing_times(trigger, [event("a", 0), event("b", 1)])


def test_for_each_reads_related_resources():
    """“The value of that label for the first related resource in that role.”"""
    trigger = {
        "posture": "Reactive",
        "expect": ["x"],
        "threshold": 2,
        "within": 60,
        "for_each": ["related:flow:prefect.resource.id"],
    }
    one, two = related("flow", "f1"), related("flow", "f2")
    events = [event("x", s, related=[flow]) for s, flow in enumerate([one, two, one])]
    assert [2] == firing_times(trigger, events)


# --- Resource matching ---------------------------------------------------------------

CUTE = {
    "prefect.resource.id": "prefect.flow-run.*",
    "prefect.resource.name": ["cute-*", "radical-*"],
}


def test_labels_are_anded_and_values_ored():
    """Both labels must fit, each with one of its values."""
    trigger = {"posture": "Reactive", "match": CUTE}
    pool = event(
        "x", 3, {"prefect.resource.id": "prefect.work-pool.1", "prefect.resource.name": "cute-pool"}
    )
    runs = [run("cute-kittiwake"), run("radical-newt", 1), run("sad-owl", 2), pool]
    assert ["cute-kittiwake", "radical-newt"] == names(trigger, runs)


def test_match():
    """“A flow run, and that flow run has a name starting with cute- or radical-.”"""
    trigger = {"posture": "Reactive", "match": CUTE, "match_related": {}}
    assert ["cute-kittiwake"] == names(trigger, [run("cute-kittiwake"), run("acute-kittiwake", 1)])


def test_match_related():
    """“Any events this specific deployment is a related resource to.”"""
    trigger = {
        "posture": "Reactive",
        "match": {},
        "match_related": {"prefect.resource.id": DEPLOYMENT},
    }
    assert ["a"] == names(trigger, [run("a", 0, DEPLOYED), run("b", 1)])


def test_match_and_match_related():
    """“Started by a specific deployment, and that flow run has a name starting with …”"""
    trigger = {
        "posture": "Reactive",
        "match": CUTE,
        "match_related": {"prefect.resource.id": DEPLOYMENT},
    }
    events = [run("cute-a", 0, DEPLOYED), run("cute-b", 1), run("sad-c", 2, DEPLOYED)]
    assert ["cute-a"] == names(trigger, events)


def test_a_list_of_related_resources():
    """“Flow runs on a work pool with specific tags”: each object finds its own resource."""
    trigger = """{"posture": "Reactive",
        "match": {"prefect.resource.id": "prefect.flow-run.*",},
        "match_related": [
            {"prefect.resource.name": "k8s-pool", "prefect.resource.role": "work-pool"},
            {"prefect.resource.id": "prefect.tag.examples", "prefect.resource.role": "tag"}
        ]}"""
    events = [
        run("both", 0, POOL, tag("examples")),
        run("pool", 1, POOL),
        run("tag", 2, tag("examples")),
    ]
    assert ["both"] == names(trigger, events)


# --- Negative matching ---------------------------------------------------------------


def test_all_runs_except_those_tagged_dev():
    """D2: the server takes a run that has *another* tag, and misses one without tags."""
    trigger = {
        "posture": "Reactive",
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "match_related": {
            "prefect.resource.id": "!prefect.tag.dev",
            "prefect.resource.role": "tag",
        },
    }
    events = [
        run("production", 0, tag("production")),
        run("untagged", 1),
        run("both", 2, tag("dev"), tag("production")),
        run("dev", 3, tag("dev")),
    ]
    assert ["production", "untagged"] == names(trigger, events, DOCS)
    assert ["production", "both"] == names(trigger, events, SERVER)


def test_production_but_not_production_test():
    """D1: the server takes every name, for each is production-* or not production-test-*."""
    trigger = {
        "posture": "Reactive",
        "match": {
            "prefect.resource.id": "prefect.flow-run.*",
            "prefect.resource.name": ["production-*", "!production-test-*"],
        },
    }
    events = [run("production-etl"), run("production-test-1", 1), run("foo", 2)]
    assert ["production-etl"] == names(trigger, events, DOCS)
    assert ["production-etl", "production-test-1", "foo"] == names(trigger, events, SERVER)


def test_related_conditions_with_an_exclusion():
    """“Run on the pool, are tagged with production, are NOT tagged with test” (D2)."""
    trigger = {
        "posture": "Reactive",
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "match_related": [
            {"prefect.resource.name": "k8s-pool", "prefect.resource.role": "work-pool"},
            {"prefect.resource.id": "prefect.tag.production", "prefect.resource.role": "tag"},
            {"prefect.resource.id": "!prefect.tag.test", "prefect.resource.role": "tag"},
        ],
    }
    events = [
        run("good", 0, POOL, tag("production")),
        run("test", 1, POOL, tag("production"), tag("test")),
        run("elsewhere", 2, tag("production")),
    ]
    assert ["good"] == names(trigger, events, DOCS)
    assert ["good", "test"] == names(trigger, events, SERVER)


# --- Expected events -----------------------------------------------------------------

COMPLETED = {"posture": "Reactive", "expect": ["prefect.flow-run.Completed"]}


def test_expect_one_event():
    """“Evaluate *only* prefect.flow-run.Completed events.”"""
    assert [1] == firing_times(COMPLETED, [flow_run("Failed", 0), flow_run("Completed", 1)])


def test_two_occurrences_within_sixty_seconds():
    """The second within the window fires; one that comes 60 s after the first does not."""
    trigger = {**COMPLETED, "threshold": 2, "within": 60}
    assert [59] == firing_times(trigger, [flow_run("Completed", 0), flow_run("Completed", 59)])
    assert [] == firing_times(trigger, [flow_run("Completed", 0), flow_run("Completed", 60)])


def test_after_a_table_was_missing():
    """“Prevent this automation from firing unless … has occurred before”; D9: the server forgets."""
    trigger = {
        "posture": "Reactive",
        "match": {"prefect.resource.id": ["prefect.flow-run.*", "etl-events.transform"]},
        "match_related": {"prefect.resource.id": DEPLOYMENT},
        "after": ["table-missing", "table-empty"],
        "expect": ["prefect.flow-run.Completed"],
    }
    completed = [run("early", 0, DEPLOYED), run("late", 300, DEPLOYED)]
    missing = event("table-missing", 10, "etl-events.transform", [DEPLOYED])
    events = [completed[0], missing, completed[1]]
    assert ["late"] == names(trigger, events, DOCS)
    assert [] == names(trigger, events, SERVER)


# --- Evaluation strategy -------------------------------------------------------------

STUCK = {
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "match_related": {},
    "after": ["prefect.flow-run.Running"],
    "expect": ["prefect.flow-run.Completed"],
    "for_each": [],
    "posture": "Proactive",
    "threshold": 1,
    "within": 60,
}


def test_proactive_without_for_each():
    """A Completed of a *different* run satisfies it; D7: the server fires without any Running."""
    other = [flow_run("Running", 0, "a"), flow_run("Completed", 30, "b")]
    assert [] == firing_times(STUCK, other, DOCS, until=90)
    assert [60] == firing_times(STUCK, [flow_run("Running", 0)], DOCS, until=90)
    assert [60] == firing_times(STUCK, [event("unrelated", 0)], SERVER, until=90)
    assert [] == firing_times(STUCK, [event("unrelated", 0)], DOCS, until=90)


def test_proactive_with_for_each():
    """“Evaluated separately for each flow run id.”"""
    trigger = {**STUCK, "for_each": ["prefect.resource.id"]}
    events = [
        flow_run("Running", 0, "a"),
        flow_run("Running", 0, "b"),
        flow_run("Completed", 30, "b"),
    ]
    fired = [t for t in transitions(trigger, events, until=90) if t.kind == "fired"]
    assert [("prefect.flow-run.a",)] == [t.key for t in fired]


def test_proactive_needs_ten_seconds():
    """“At least 10 seconds for Proactive triggers”: none given means ten."""
    trigger = {**STUCK, "within": 0}
    assert [10] == firing_times(trigger, [flow_run("Running", 0)], until=90)


# --- Metric triggers -----------------------------------------------------------------


def states(run_name, *steps, tags=()):
    """A run's states, `("Pending", 0), …`."""
    return [flow_run(state, second, run_name, related=list(tags)) for state, second in steps]


SUCCESSES = {
    "type": "metric",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "match_related": {
        "prefect.resource.id": "prefect.tag.production",
        "prefect.resource.role": "tag",
    },
    "metric": {
        "name": "successes",
        "threshold": 0.9,
        "operator": "<",
        "range": 3600,
        "firing_for": 0,
    },
}


def test_successes_below_ninety_percent():
    """Nine of ten is not below 0.9 and eight of nine is; only production counts."""
    production = (tag("production"),)
    good = [
        e
        for n in range(9)
        for e in states(f"g{n}", ("Pending", n), ("Completed", n + 0.5), tags=production)
    ]
    bad = states("bad", ("Pending", 20), ("Failed", 30), tags=production)
    assert [] == firing_times(SUCCESSES, good + bad)
    assert [30] == firing_times(SUCCESSES, good[2:] + bad)
    assert [] == firing_times(SUCCESSES, good[2:] + states("bad", ("Pending", 20), ("Failed", 30)))


LATENESS = {
    "type": "metric",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "match_related": {
        "prefect.resource.id": "prefect.work-pool.kubernetes",
        "prefect.resource.role": "work-pool",
    },
    "metric": {
        "name": "lateness",
        "threshold": 300,
        "operator": ">",
        "range": 86400,
        "firing_for": 600,
    },
}


def test_lateness_above_five_minutes():
    """It fires ten minutes after the average passed 300 s, unless that got better meanwhile."""
    pool = (related("work-pool", "prefect.work-pool.kubernetes"),)
    late = states("a", ("Late", 0), ("Running", 400), tags=pool)
    better = states("b", ("Late", 900), ("Running", 901), tags=pool)
    assert [1000] == firing_times(LATENESS, late, until=2000)
    assert [] == firing_times(LATENESS, late + better, until=2000)


# --- Composite triggers --------------------------------------------------------------


def export(flow):
    return {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.block.remote-file-system.write_path.called"],
        "match_related": {
            "prefect.resource.name": f"daily-{flow}-export",
            "prefect.resource.role": "flow",
        },
    }


def written(flow, second):
    name = {"prefect.resource.name": f"daily-{flow}-export"}
    return event(
        "prefect.block.remote-file-system.write_path.called",
        second,
        "bucket",
        [related("flow", "f", **name)],
    )


EXPORTS = {
    "type": "compound",
    "require": "all",
    "within": 3600,
    "triggers": [export("customer"), export("revenue"), export("expenses")],
}


def test_three_exports_within_an_hour():
    """In any order, within one hour; then the trigger resets its state."""
    round_one = [written("revenue", 0), written("expenses", 100), written("customer", HOUR)]
    assert [HOUR] == firing_times(EXPORTS, round_one)
    too_late = [written("revenue", 0), written("expenses", 100), written("customer", HOUR + 1)]
    assert [] == firing_times(EXPORTS, too_late)
    round_two = [
        written(flow, HOUR + 10 + n) for n, flow in enumerate(["customer", "revenue", "expenses"])
    ]
    assert [HOUR, HOUR + 12] == firing_times(EXPORTS, round_one + round_two)


def test_a_sequence_around_the_compound():
    """“Only fires if it sees the initiator complete, and then the three files.”"""
    initiator = {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Completed"],
        "match_related": {
            "prefect.resource.name": "daily-export-initiator",
            "prefect.resource.role": "flow",
        },
    }
    trigger = {"type": "sequence", "within": 7200, "triggers": [initiator, EXPORTS]}
    flow = related("flow", "f", **{"prefect.resource.name": "daily-export-initiator"})
    files = [written(one, 100 + n) for n, one in enumerate(["customer", "revenue", "expenses"])]
    assert [102] == firing_times(trigger, [run("i", 0, flow), *files])
    assert [] == firing_times(trigger, [*files, run("i", 200, flow)])
    assert [] == firing_times(trigger, [run("i", -3 * HOUR, flow), *files])


ANY = """{"type": "compound", "require": "any", "triggers": [
    {"type": "event", "posture": "Proactive", "after": ["prefect.flow-run.Pending"],
     "expect": ["prefect.flow-run.Running", "prefect.flow-run.Crashed"], "for_each": ["prefect.resource.id"],
     "match_related": {"prefect.resource.name": "daily-customer-export", "prefect.resource.role": "flow"}},
    {"type": "event", "posture": "Reactive", "expect": ["prefect.work-pool.not-ready"],
     "match": {"prefect.resource.name": "kubernetes-workers",}},
    {"type": "metric", "metric": {"name": "lateness", "operator": ">", "threshold": 600, "range": 3600, "firing_for": 300}}
]}"""
CUSTOMER = related("flow", "f", **{"prefect.resource.name": "daily-customer-export"})
STUCK_RUN = flow_run("Pending", 0, "stuck", related=[CUSTOMER])
POOL_GONE = event(
    "prefect.work-pool.not-ready",
    100,
    {"prefect.resource.id": "p", "prefect.resource.name": "kubernetes-workers"},
)
LATE_RUN = [flow_run("Late", 200, "late"), flow_run("Running", 801, "late")]


def test_any_of_three_kinds():
    """Stuck in Pending, a pool that is not ready, lateness over ten minutes; and logs that just miss."""
    assert [10, 100, 1101] == firing_times(ANY, [STUCK_RUN, POOL_GONE, *LATE_RUN], until=2000)
    in_time = [
        STUCK_RUN,
        flow_run("Running", 9, "stuck", related=[CUSTOMER]),
        flow_run("Late", 200, "late"),
        flow_run("Running", 800, "late"),
    ]
    assert [] == firing_times(ANY, in_time, until=2000)


def test_without_within_there_is_no_limit():
    """“You may omit the within period, in which case there is no limit.”"""
    trigger = {key: value for key, value in EXPORTS.items() if key != "within"}
    events = [
        written("revenue", 0),
        written("expenses", 10 * HOUR),
        written("customer", 100 * HOUR),
    ]
    assert [100 * HOUR] == firing_times(trigger, events)


def test_require_two():
    """“Any **two** of the triggers must fire in order for the compound trigger to fire.”"""
    trigger = ANY.replace('"any"', "2")
    assert [100] == firing_times(trigger, [STUCK_RUN, POOL_GONE, *LATE_RUN], until=2000)


# --- Support -------------------------------------------------------------------------


def test_the_server_has_no_metric_triggers():
    """D11: open source ❌, Cloud ✅."""
    bad = states("bad", ("Pending", 0), ("Failed", 1), tags=[tag("production")])
    assert [1] == firing_times(SUCCESSES, bad, DOCS)
    assert [] == firing_times(SUCCESSES, bad, SERVER)
