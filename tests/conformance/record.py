"""Record cases: random ones, answered by the real server, until every rule was seen.

    python tests/conformance/record.py [--seed N] [--cases N]

First it looks, with our engine alone, for what can happen at all: each rule, and each rule right
after another in the life of one bucket (or composite, or event), by the ``rule`` and ``kind`` of
the transitions. It draws the cases that the live test draws (``tests/oracle/cases.py``) and many
more very small ones, made to bring about what is rare. Of all these it keeps small ones that
together show everything several times, fills up with random ones, asks the oracle
(``tests/oracle``) about each and writes ``recorded-cases.jsonl``. The pairs found go to
``pairs.txt``, which the tests hold against the recorded cases.

What no transition names (N, M, most of B, O3, O5, C1, C6, T) is found in the case itself by
`features`.

The table is printed; it is the one in docs/proof.md.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.oracle import ours
from tests.oracle.cases import ID, NOON, ROLE, cases, drawn, identity
from tests.oracle.client import Oracle
from tests.oracle.make_environment import ensure_environment
from trigger_cli.dialects import SERVER
from trigger_cli.match.patterns import compile_names, compile_resources
from trigger_cli.match.plan import walk
from trigger_cli.model import Counted, DeliveryTransition, EventTrigger, Opened, Transition
from trigger_cli.times import SECOND, format_instant, parse_instant

RECORDED = Path(__file__).with_name("recorded-cases.jsonl")
PAIRS = Path(__file__).with_name("pairs.txt")
TIMES_EACH = 4
"""How many of the kept cases must show each thing, if that many were found."""
LONGEST = 6_000
"""Longer cases are not kept, characters."""

Json = dict[str, Any]

# --- What a case shows -----------------------------------------------------------------


def rules_and_pairs(records: list[Transition]) -> tuple[set[str], set[str]]:
    """The rules at work, and which came right after which for one bucket, composite or event."""
    rules, pairs = set(), set()
    last: dict[Any, str] = {}
    for one in records:
        subject = (
            one.event.id
            if isinstance(one, DeliveryTransition)
            else (one.automation.index, one.trigger.path, one.key)
        )
        what = f"{one.rule} {one.kind}"
        rules.add(what)
        if subject in last:
            pairs.add(f"{last[subject]} > {what}")
        last[subject] = what
    return rules, pairs


def features(case: Json, records: list[Transition]) -> set[str]:
    """What the case shows of the rules that no transition names."""
    found: set[str] = set()
    automations = ours.automations(case)
    deliverable = [one for one in case["events"] if one["event"] != "prefect.log.write"]
    if len(deliverable) < len(case["events"]):
        found.add("O3 a log write")
    clock = 0
    for one in case["events"]:
        occurred = parse_instant(one["occurred"])
        if occurred < clock:
            found.add("T6 an event that came late")
        clock = max(clock, occurred)
    arrivals = {parse_instant(one["occurred"]) for one in case["events"]}
    fired = [one for one in records if one.kind == "fired"]
    if any(one.event is None and one.at in arrivals for one in fired):
        found.add("T4 a deadline at the instant of an event")
    by_event = Counter(one.event.id for one in fired if one.event and one.rule == "E3")
    if any(count > 1 for count in by_event.values()):
        found.add("C6 one event fires two triggers")
    for automation in automations:
        if not automation.enabled:
            found.add("O5 a disabled automation")
            continue
        for definition in raw_triggers(case["automations"][automation.index]["trigger"]):
            if "require" in definition:
                number = isinstance(definition["require"], int)
                found.add(f"C1 require {'a number' if number else definition['require']}")
            if definition.get("posture") == "Proactive" and not definition.get("within"):
                found.add("P1 a proactive window of 0")
        for trigger in walk(automation.trigger):
            if isinstance(trigger, EventTrigger):
                for one in deliverable:
                    found |= set(of_matching(trigger, one))
    for one in records:
        if isinstance(one, Opened | Counted):
            found |= set(of_keys(one))
    return found


def raw_triggers(trigger: Json) -> Iterator[Json]:
    """A trigger as it is written, and all below it."""
    yield trigger
    for child in trigger.get("triggers", ()):
        yield from raw_triggers(child)


def of_matching(trigger: EventTrigger, event: Json) -> Iterator[str]:
    """What the event's name and resources show of N and M."""
    name = event["event"]
    roles = compile_names(trigger, SERVER)(name)
    if not trigger.expect:
        yield f"N1 an empty expect, {'with' if trigger.after else 'without'} after"
    if roles is None:
        yield "N1 a name that is no candidate"
    for pattern in trigger.expect + trigger.after:
        if pattern.startswith("!"):
            yield f"N4 a negated name, {'a candidate by another' if roles else 'no candidate'}"
        elif fnmatchcase(name, pattern):
            if "*" in pattern:
                empty = name == pattern.replace("*", "")
                yield "N4 a star that would take nothing" if empty else "N2 a star"
            if set("?[") & set(pattern):
                yield f"N4 a glob, {'a candidate by another' if roles else 'no candidate'}"
    if roles is None:
        return
    predicate = compile_resources(trigger, SERVER)
    taken = predicate is None or predicate(event["resource"], event["related"])
    verdict = "taken" if taken else "refused"
    for where, objects in (("match", (trigger.match,)), ("match_related", trigger.match_related)):
        rule = "M1" if where == "match" else "M2"
        if where == "match_related" and len(objects) > 1:
            yield f"M2 several objects, {verdict}"
        if where == "match_related" and not event["related"]:
            yield f"M2 no related resource, {verdict}"
        for one in objects:
            if len(one) > 1:
                yield f"{rule} several labels in {where}, {verdict}"
            for label, patterns in one:
                if where == "match" and label not in event["resource"]:
                    yield "M1 an absent label"
                if not patterns:
                    yield f"M1 an empty list in {where}"
                negated = [p for p in patterns if p.startswith("!")]
                if negated and len(patterns) > len(negated):
                    yield f"M6 a mixed list in {where}, {verdict}"
                elif negated:
                    yield f"M6 a negation in {where}, {verdict}"
                if any("*" in p for p in patterns):
                    yield f"M3 a star in {where}, {verdict}"
                if any(set("?[") & set(p) for p in patterns):
                    yield f"M6 a glob in {where}, {verdict}"


def of_keys(one: Opened | Counted) -> Iterator[str]:
    """What a bucket's key shows of B1 to B3."""
    trigger = one.trigger
    if one.event is None or not trigger.for_each:
        return
    if len(trigger.for_each) > 1:
        yield "B2 a key of two labels"
    if "" in one.key:
        yield "B2 a key with an empty value"
    for label in trigger.for_each:
        if label.startswith("related:"):
            role = label.split(":")[1]
            several = sum(r[ROLE] == role for r in one.event.related)
            yield f"B2 a related label, {('no', 'one', 'two')[min(several, 2)]} in the role"


# --- Finding cases ---------------------------------------------------------------------


def small(dice: random.Random) -> Json:
    """A very small case: one trigger, and events that come near the ends of its windows."""
    posture = dice.choice(("Reactive", "Proactive"))
    after, expect = dice.choice(
        (([], ["a"]), ([], []), (["b"], ["a"]), (["a"], ["a"]), (["a", "b"], ["a"]), (["b"], []))
    )
    leaf: Json = {
        "type": "event",
        "posture": posture,
        "expect": expect,
        "after": after,
        "threshold": dice.choice((-1, 0, 1, 1, 2, 3)),
        "within": dice.choice((0, 10, 60) if posture == "Reactive" else (10, 60)),
        "for_each": dice.choice(([], [ID])),
    }
    trigger = leaf
    if dice.random() < 0.25:
        plain = [
            {"type": "event", "posture": "Reactive", "expect": [name]}
            for name in dice.sample("abc", dice.choice((1, 2, 3)))
        ]
        within = dice.choice((None, 0, 10, 60))
        trigger = dice.choice(
            (
                {"type": "sequence", "within": within, "triggers": plain},
                {
                    "type": "compound",
                    "require": "all",
                    "within": within,
                    "triggers": [leaf, *plain],
                },
                {"type": "compound", "require": 1, "within": within, "triggers": [leaf, *plain]},
                {"type": "compound", "require": 2, "within": within, "triggers": [leaf, *plain]},
            )
        )
    clock, events = NOON, []
    for number in range(1, dice.randint(2, 9)):
        pause = dice.choice((0, 0, 10, 20, 30, 50, 59, 60, 61, 70, 110, 120, 130)) * SECOND
        occurred = clock - pause if dice.random() < 0.25 else clock + pause
        clock = max(clock, occurred)
        follows = identity(dice.randint(1, 9)) if dice.random() < 0.06 else None
        events.append(
            {
                "id": identity(dice.choice((number, number, number, dice.randint(1, number)))),
                "occurred": format_instant(occurred),
                "event": dice.choice("aabc"),
                "resource": {ID: dice.choice(("r.1", "r.1", "r.2"))},
                "related": [],
                "follows": follows,
            }
        )
    until = clock + dice.choice((0, 60, 130, 910)) * SECOND
    return {
        "automations": [{"name": "automation 0", "trigger": trigger}],
        "events": events,
        "until": format_instant(until),
    }


def chosen(pool: list[tuple[Json, set[str]]], number: int) -> list[Json]:
    """Small cases that together show everything; then any that fire, up to `number`."""
    pool.sort(key=lambda pair: len(json.dumps(pair[0])))
    available = Counter(what for _, shown in pool for what in shown)
    wanted = {what: min(TIMES_EACH, count) for what, count in available.items()}
    kept: dict[int, Json] = {}
    # The rarest first: what shows it shows common things too.
    for what in sorted(wanted, key=lambda one: (available[one], one)):
        for place, (case, shown) in enumerate(pool):
            if wanted[what] <= 0:
                break
            if what in shown and place not in kept:
                kept[place] = case
                for also in shown:
                    wanted[also] -= 1
    rest = [place for place in range(len(pool)) if place not in kept]
    # From the larger half, which is less regular than what was kept so far.
    random.Random(1).shuffle(rest)
    for place in rest:
        if len(kept) >= number:
            break
        if len(pool[place][0]["events"]) >= 6:
            kept[place] = pool[place][0]
    return [kept[place] for place in sorted(kept)]


def main() -> None:
    """Find, ask, write, and print the table."""
    arguments = argparse.ArgumentParser(description="Record cases answered by the real server.")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--cases", type=int, default=420, help="how many at least")
    arguments.add_argument("--drawn", type=int, default=6_000)
    arguments.add_argument("--small", type=int, default=60_000)
    options = arguments.parse_args()

    pool: list[tuple[Json, set[str]]] = []
    all_pairs: Counter[str] = Counter()
    dice = random.Random(options.seed)
    searched = drawn(cases(), options.drawn, options.seed) + [
        small(dice) for _ in range(options.small)
    ]
    seen: Counter[str] = Counter()
    for case in searched:
        records = ours.transitions(case)
        rules, pairs = rules_and_pairs(records)
        shown = rules | pairs | features(case, records)
        all_pairs.update(pairs)
        # A small case is of interest only if it may be needed.
        if any(seen[what] < 10 * TIMES_EACH for what in shown) and len(json.dumps(case)) < LONGEST:
            pool.append((case, shown))
            seen.update(shown)
    PAIRS.write_text("".join(f"{pair}\n" for pair in sorted(all_pairs)), "utf-8")

    oracle = Oracle("3.8", ensure_environment("3.8"))
    lines, disagreements = [], 0
    for number, case in enumerate(chosen(pool, options.cases)):
        theirs = oracle.firings(case)
        mine = ours.root_firings(ours.transitions(case))
        if theirs != mine:
            disagreements += 1
            print(f"disagreement: {json.dumps(case)}\n  server {theirs}\n  ours {mine}")
        recorded = {"case": f"rec-{number}", **case, "firings": {"server-3.8": theirs}}
        lines.append(json.dumps(recorded, separators=(",", ":")) + "\n")
    oracle.close()
    RECORDED.write_text("".join(lines), "utf-8")
    report([json.loads(line) for line in lines], print)
    print(f"\n{len(searched)} cases searched, {disagreements} disagreements")


def report(recorded: list[Json], write: Callable[[str], None]) -> None:
    """The coverage table of the recorded cases."""
    rules: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for case in recorded:
        records = ours.transitions(case)
        here = rules_and_pairs(records)
        rules.update(here[0])
        pairs.update(here[1])
        shown.update(features(case, records))
    firings = sum(len(case["firings"]["server-3.8"]) for case in recorded)
    events = sum(len(case["events"]) for case in recorded)
    write(f"{len(recorded)} cases, {events} events, {firings} firings\n")
    for title, counter in (("rule", rules), ("by construction", shown), ("pair", pairs)):
        write(f"\n| {title} | cases |\n|---|---|")
        for what, count in sorted(counter.items()):
            write(f"| {what} | {count} |")


if __name__ == "__main__":
    main()
