"""For each cause code, the smallest log that has exactly this cause."""

from dataclasses import dataclass, field
from typing import Any

from tests.explain.support import received
from tests.support import event, flow_run, proactive, reactive, related
from trigger_cli.dialects import DOCS, SERVER, SERVER_3_4, Dialect
from trigger_cli.model import Event

ID = "prefect.resource.id"
ROLE = "prefect.resource.role"
NAME = "prefect.resource.name"


@dataclass(frozen=True)
class CauseCase:
    """A trigger, a log, and the one code that explains them."""

    code: str
    trigger: dict[str, Any]
    events: list[Event]
    dialect: Dialect = DOCS
    options: dict[str, Any] = field(default_factory=dict)
    of_event: bool = False
    """Whether the code is about the event asked for."""


def compound(*triggers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "compound", "require": "all", "within": 60, "triggers": list(triggers), **more}


def sequence(*triggers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "sequence", "within": 60, "triggers": list(triggers), **more}


def metric(**more: Any) -> dict[str, Any]:
    of_metric = {"name": "successes", "operator": "<", "threshold": 0.9, "range": 600}
    return {"type": "metric", "metric": {**of_metric, "firing_for": 300, **more}}


def one_event(code: str, trigger: Any, events: list[Event], line: int, **more: Any) -> CauseCase:
    options = {"find": line, **more.pop("options", {})}
    return CauseCase(code, trigger, events, options=options, of_event=True, **more)


DEV = related("tag", "prefect.tag.dev")
PRODUCTION = related("tag", "prefect.tag.production")
NOT_DEV = {ID: "!prefect.tag.dev", ROLE: "tag"}
RUN = "prefect.flow-run.a"


def run_states(*states: tuple[str, float], run: str = "a", **more: Any) -> list[Event]:
    return [flow_run(state, seconds, run, id=f"{run}.{state}", **more) for state, seconds in states]


IN_TIME = proactive("prefect.flow-run.Completed", after=["prefect.flow-run.Running"], for_each=[ID])
HEARTBEATS = proactive(
    "prefect.flow-run.*", after=["prefect.flow-run.heartbeat"], for_each=[ID], within=90
)
LATER = event("z", 999)

CASES = [
    # --- It fired
    CauseCase("fired", reactive("x", threshold=2, within=60), [event("x", 0), event("x", 5)]),
    CauseCase("nothing-came", proactive("x"), [event("y", 0), event("y", 90)]),
    CauseCase(
        "answer-late",
        proactive("end", after=["start"], for_each=[ID]),
        [event("start", 0), event("end", 63)],
    ),
    CauseCase(
        "answer-not-matched",
        proactive("end", after=["start"], for_each=[ID], match={"k": "*"}),
        [event("start", 0, {ID: "a", "k": "1"}), event("end", 5, {ID: "a"}), event("z", 99)],
    ),
    CauseCase(
        "answer-before-after",
        proactive("end", after=["start"], for_each=[ID]),
        [
            received(event("end", 0.1), 0.100),
            received(event("start", 0), 0.112),
            received(event("z", 99), 99),
        ],
        options={"order": "received"},
    ),
    CauseCase(
        "already-ended",
        HEARTBEATS,
        [flow_run("heartbeat", 0), flow_run("Completed", 30), flow_run("heartbeat", 33), LATER],
    ),
    CauseCase(
        "ended-otherwise",
        IN_TIME,
        [*run_states(("Running", 0), ("Failed", 30)), LATER],
    ),
    CauseCase(
        "went-on-otherwise",
        IN_TIME,
        [*run_states(("Running", 0), ("Paused", 30)), LATER],
    ),
    CauseCase(
        "answer-before-watch",
        proactive("end", after=["start"], for_each=[ID]),
        [event("end", 0), event("start", 5), event("z", 99)],
    ),
    CauseCase(
        "armed-at-start",
        proactive("end", after=["start"]),
        [event("z", 0), event("z", 99)],
        SERVER,
    ),
    CauseCase(
        "negation-takes-other",
        reactive("x", match_related=NOT_DEV),
        [event("x", 0, related=[DEV, PRODUCTION])],
        SERVER,
    ),
    CauseCase("matches-everything", reactive(), [event("anything", 0)]),
    CauseCase(
        "tags-are-alternatives",
        reactive("x", match_related={ID: ["prefect.tag.a", "prefect.tag.b"], ROLE: "tag"}),
        [event("x", 0, related=[related("tag", "prefect.tag.b")])],
    ),
    CauseCase(
        "key-missing",
        reactive("x", threshold=2, within=60, for_each=["team"]),
        [event("x", 0, "a"), event("x", 5, "b")],
    ),
    CauseCase(
        "fires-itself",
        {"name": "again", "trigger": reactive("prefect.flow-run.Failed")},
        run_states(
            ("Failed", 0), related=[related("creator", "prefect.automation.x", **{NAME: "again"})]
        ),
    ),
    CauseCase(
        "children-of-different-keys",
        compound(reactive("x", for_each=[ID]), reactive("y", for_each=[ID])),
        [event("x", 0, "a"), event("y", 5, "b")],
    ),
    CauseCase(
        "child-out-of-date",
        compound(proactive("x", within=10), reactive("y")),
        [event("z", 0), event("x", 15), event("y", 18)],
    ),
    CauseCase(
        "metric-breached",
        metric(firing_for=0),
        run_states(("Pending", 0), ("Failed", 5)),
    ),
    CauseCase(
        "fired-before-creation",
        {
            "name": "late",
            "created": "2026-03-01T12:01:00Z",
            "trigger": reactive("x"),
            "actions": [],
        },
        [event("x", 0), event("z", 99)],
    ),
    # --- It was not evaluated
    CauseCase(
        "disabled",
        {"name": "off", "enabled": False, "trigger": reactive("x"), "actions": []},
        [event("x", 0)],
    ),
    CauseCase("refused-by-server", metric(), run_states(("Failed", 0)), SERVER),
    CauseCase("no-events", reactive("x"), []),
    # --- No event had a wanted name
    CauseCase("name-never-seen", reactive("order.placed"), [event("invoice.sent", 0)]),
    CauseCase("name-case", reactive("prefect.flow-run.completed"), run_states(("Completed", 0))),
    CauseCase("name-nearly", reactive("prefect.flow-run.Complete"), run_states(("Completed", 0))),
    CauseCase(
        "custom-state-name",
        reactive("prefect.flow-run.Completed"),
        [event("prefect.flow-run.Data Ready", 0, {ID: RUN, "prefect.state-type": "COMPLETED"})],
    ),
    CauseCase("negated-name", reactive("!x"), [event("y", 0)], SERVER),
    CauseCase("star-needs-character", reactive("foo*"), [event("foo", 0)], SERVER),
    CauseCase("star-inside", reactive("f*o"), [event("foo", 0)], SERVER_3_4),
    CauseCase("glob-in-name", reactive("fo?"), [event("foo", 0)]),
    CauseCase("after-never-seen", reactive("x", after=["begin"], within=60), [event("x", 0)]),
    # --- No event passed the filters
    CauseCase("label-missing", reactive("x", match={"team": "a"}), [event("x", 0)]),
    CauseCase("resource-never-matched", reactive("x", match={ID: "other.*"}), [event("x", 0)]),
    CauseCase(
        "resource-is-related",
        reactive("x", match={ID: "prefect.flow.f"}),
        [event("x", 0, related=[related("flow", "prefect.flow.f")])],
    ),
    CauseCase("empty-pattern-list", reactive("x", match={ID: []}), [event("x", 0)]),
    CauseCase("glob-in-label", reactive("x", match={ID: "thing.?"}), [event("x", 0)]),
    CauseCase(
        "related-never-matched",
        reactive("x", match_related={ID: "prefect.tag.a", ROLE: "tag"}),
        [event("x", 0, related=[PRODUCTION])],
    ),
    CauseCase(
        "related-is-primary",
        reactive("x", match_related={ID: "thing.1", ROLE: "flow-run"}),
        [event("x", 0, related=[PRODUCTION])],
    ),
    CauseCase(
        "related-split",
        reactive("x", match_related={ID: "prefect.tag.production", "owner": "me"}),
        [event("x", 0, related=[PRODUCTION, related("flow", "f", owner="me")])],
    ),
    CauseCase(
        "related-forbidden",
        reactive("x", match_related=NOT_DEV),
        [event("x", 0, related=[DEV, PRODUCTION])],
    ),
    CauseCase(
        "after-never-matched",
        reactive("x", after=["begin"], within=60, match={"k": "1"}),
        [event("begin", 0), event("x", 5, {ID: "a", "k": "1"})],
    ),
    # --- Events passed, and it did not fire
    CauseCase(
        "below-threshold", reactive("x", threshold=3, within=60), [event("x", 0), event("x", 5)]
    ),
    CauseCase(
        "window-too-short",
        reactive("x", threshold=2, within=60),
        [event("x", 0), event("x", 101.2)],
    ),
    CauseCase(
        "split-over-keys",
        reactive("x", threshold=2, within=60, for_each=[ID]),
        [event("x", 0, "a"), event("x", 5, "b")],
    ),
    CauseCase("start-does-not-count", reactive("x", after=["x"], within=60), [event("x", 0)]),
    CauseCase(
        "expect-before-after",
        reactive("end", after=["start"], within=60),
        [event("end", 0), event("start", 5)],
    ),
    CauseCase(
        "lost-to-lingering-window",
        reactive("end", after=["start"], within=60),
        [event("start", 0), event("start", 80), event("end", 100)],
        SERVER,
    ),
    CauseCase("forgotten", reactive("x", threshold=2), [event("x", 0), event("x", 75)], SERVER),
    CauseCase(
        "arrived-late",
        reactive("x", threshold=3, within=60),
        [event("x", 0), event("x", 100), event("x", 110), event("x", 90)],
        options={"order": "log"},
    ),
    # --- A proactive trigger did not fire
    CauseCase(
        "satisfied",
        proactive("end", after=["start"], for_each=[ID]),
        [event("start", 0), event("end", 5), event("z", 99)],
    ),
    CauseCase(
        "satisfied-by-other-run",
        proactive("end", after=["start"]),
        [event("start", 0, "a"), event("start", 1, "b"), event("end", 5, "b"), event("z", 99)],
    ),
    CauseCase(
        "lost-to-satisfied-window",
        proactive("up", after=["down"], for_each=[ID], within=60),
        [event("down", 0), event("up", 40), event("down", 50), event("z", 300)],
    ),
    CauseCase(
        "ended-by-live-state",
        HEARTBEATS,
        [flow_run("heartbeat", 0), flow_run("AwaitingRetry", 30), LATER],
    ),
    CauseCase(
        "after-also-expected",
        proactive("s.*", after=["s.Pending", "s.Running"], for_each=[ID]),
        [event("s.Pending", 0), event("s.Running", 40), event("z", 70)],
    ),
    CauseCase(
        "unwatched",
        proactive("x", within=30),
        [event("z", 0), event("x", 10), event("x", 70), event("z", 80)],
        SERVER,
    ),
    CauseCase("threshold-zero", proactive("x", threshold=0), [event("z", 0), event("z", 99)]),
    CauseCase("pending-deadline", proactive("x"), [event("z", 0), event("z", 9)]),
    # --- A composite did not fire
    CauseCase("child-never-fired", compound(reactive("x"), reactive("y")), [event("x", 0)]),
    CauseCase(
        "child-expired",
        compound(reactive("x"), reactive("y")),
        [event("x", 0), event("y", 101)],
    ),
    CauseCase(
        "within-zero",
        compound(reactive("x"), reactive("y"), within=0),
        [event("x", 0), event("y", 5)],
    ),
    CauseCase(
        "out-of-order", sequence(reactive("x"), reactive("y")), [event("y", 0), event("x", 5)]
    ),
    CauseCase(
        "child-superseded",
        sequence(reactive("x"), reactive("y"), reactive("z")),
        [event("x", 0), event("y", 5), event("x", 6), event("z", 9)],
    ),
    # --- A metric did not fire
    CauseCase("metric-undefined", metric(), run_states(("Scheduled", 0), ("Scheduled", 9))),
    CauseCase("metric-never-breached", metric(), run_states(("Pending", 0), ("Completed", 9))),
    CauseCase(
        "breach-too-short",
        metric(),
        [
            *run_states(("Pending", 0), ("Failed", 1)),
            *[
                one
                for n in range(20)
                for one in run_states(("Pending", 2), ("Completed", 99), run=f"r{n}")
            ],
        ],
    ),
    # --- What one event did
    one_event("counted", reactive("x", threshold=2, within=60), [event("x", 0)], 1),
    one_event("started-watch", proactive("end", after=["start"]), [event("start", 0)], 1),
    one_event(
        "already-watching",
        proactive("end", after=["start"]),
        [event("start", 0), event("start", 5)],
        2,
    ),
    one_event("not-wanted", reactive("x"), [event("z", 0)], 1),
    one_event("not-matched", reactive("x", match={ID: "b"}), [event("x", 0, "a")], 1),
    one_event("cooling-down", reactive("x", within=86_400), [event("x", 0), event("x", 86_340)], 2),
    one_event(
        "after-window-closed",
        reactive("end", after=["start"], within=60),
        [event("start", 0), event("end", 61)],
        2,
    ),
    one_event("awaits-after", reactive("end", after=["start"]), [event("end", 0)], 1),
    one_event(
        "held",
        proactive("end", after=["start"], for_each=[ID]),
        [event("end", 0)],
        1,
        dialect=SERVER,
    ),
    one_event(
        "held-already",
        proactive("end", after=["start"], within=3_600),
        [event("end", 0, id="i"), event("end", 1_800, id="i")],
        2,
        dialect=SERVER,
    ),
    one_event("filled-child", compound(reactive("x"), reactive("y")), [event("x", 0)], 1),
    one_event("measured", metric(), run_states(("Pending", 0), ("Completed", 5)), 2),
    one_event("duplicate", reactive("x"), [event("x", 0, id="i"), event("x", 5, id="i")], 2),
    one_event("waiting-for-leader", reactive("x"), [event("x", 0, follows="gone")], 1),
    one_event("never-delivered", reactive(), [event("prefect.log.write", 0)], 1),
    one_event(
        "not-taken", reactive("x"), [event("x", 0), event("x", 9)], 1, options={"taken_from": 5}
    ),
]
