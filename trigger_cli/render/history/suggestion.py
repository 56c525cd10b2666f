"""Suggests a trigger for an event of the log: a definition with comments about the log."""

import json

from trigger_cli.history.counting import Distinct
from trigger_cli.history.event_profile import EventProfile
from trigger_cli.match.patterns import is_negated
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import counted
from trigger_cli.times import format_duration
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_AUTOMATION = "prefect.automation"
_SHOWN = 4
_TEXT = 80


def suggestion(profile: EventProfile) -> str:
    """An automation as JSON with comments, ending in a newline."""
    rate = ""
    if profile.events > 1:
        apart = (profile.last - profile.first) // (profile.events - 1)
        rate = f", one every {format_duration(apart)} on average"
    lines = [
        f"// Seen {counted(profile.events, 'time')}{rate}.",
        "{",
        f'  "name": {json.dumps(f"On {profile.name}")},',
        '  "trigger": {',
        '    "type": "event",',
        '    "posture": "Reactive",',
        f'    "expect": [{json.dumps(profile.name)}],',
        *_match(profile),
        *_match_related(profile),
        *_for_each(profile),
        "    // Fires after this many events within this many seconds.",
        '    "threshold": 1,',
        '    "within": 0',
        "  },",
        '  "actions": [{"type": "do-nothing"}]',
        "}",
    ]
    return "\n".join(lines) + "\n"


def _match(profile: EventProfile) -> list[str]:
    (kind, _), *others = profile.kinds.most_common()
    seen = ", ".join(inert(one, _TEXT) for one in profile.ids.examples(2))
    if kind == _AUTOMATION and not others:
        # A trigger on the firings of all automations would also fire on its own.
        own = json.dumps(profile.ids.examples(1)[0])
        return [
            f"    // Of {_number(profile.ids)} automations; all of them would be a loop.",
            f'    "match": {{{json.dumps(RESOURCE_ID)}: {own}}},',
        ]
    if others:
        return [f"    // Resources of several kinds: {seen}.", '    "match": {},']
    first = profile.ids.examples(1)[0]
    is_only = profile.ids.count == 1 and not profile.ids.more and not is_negated(first)
    if is_only and kind not in {"", "prefect"}:
        only = json.dumps(first)
        return [
            "    // The only resource seen.",
            f'    "match": {{{json.dumps(RESOURCE_ID)}: {only}}},',
        ]
    ids = profile.ids.examples(profile.ids.count)
    patterns = (f"{kind}.*", f"{kind}*") if kind else ()
    fits = (one for one in patterns if all(id_.startswith(one[:-1]) for id_ in ids))
    pattern = next(fits, None)
    if pattern is None or is_negated(pattern):
        # Without the label nothing matches, whatever the pattern (M1).
        which = f"Resources of no common kind: {seen}" if any(ids) else "Resources without an id"
        return [f"    // {which}.", '    "match": {},']
    return [
        f"    // {_number(profile.ids)} resource{'s' * (len(ids) > 1)}, such as {seen}.",
        f'    "match": {{{json.dumps(RESOURCE_ID)}: {json.dumps(pattern)}}},',
    ]


def _match_related(profile: EventProfile) -> list[str]:
    lines = []
    if profile.roles:
        lines.append("    // Narrow it to one of these related resources, for example:")
    for role, examples in list(profile.roles.items())[:_SHOWN]:
        label = RESOURCE_NAME if profile.named[role] else RESOURCE_ID
        one = json.dumps({RESOURCE_ROLE: role, label: examples.examples(1)[0]})
        what = "name" if profile.named[role] else "id"
        is_only = examples.count == 1 and not examples.more
        seen = f"the only {what}" if is_only else f"one of {_number(examples)} {what}s"
        lines.append(f"    //   {inert(one, 200)}  ({seen})")
    return [*lines, '    "match_related": {},']


def _for_each(profile: EventProfile) -> list[str]:
    lines = ['    "for_each": [],']
    if profile.ids.count > 1:
        roles = [f"related:{role}:{RESOURCE_ID}" for role in list(profile.roles)[:2] if role]
        either = inert(" or ".join(map(json.dumps, [RESOURCE_ID, *roles])), 200)
        lines.insert(0, f"    // Count separately for each of: {either}.")
    return lines


def _number(texts: Distinct) -> str:
    return f"more than {texts.count:,}" if texts.more else f"{texts.count:,}"
