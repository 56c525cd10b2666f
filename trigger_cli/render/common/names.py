"""Names for tables, shortened if the long form does not help people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.text import Text

from trigger_cli.model import (
    CompositeTrigger,
    Event,
    EventTrigger,
    Heading,
    MetricTrigger,
    Trigger,
)
from trigger_cli.render.common.inert import ELLIPSIS, inert
from trigger_cli.report import BucketHistory
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, UUID

Labels: TypeAlias = tuple[tuple[str, str], ...]
Keys: TypeAlias = dict[Labels, str]
"""The text of each bucketing key."""

_PREFIX = "prefect."
_LONGEST_NAME = 60
_LONGEST_LABEL = 48
_LONGEST_PATH = 60
_LONGEST_KEY = 120
# The rest of a longer text is ignored.
_FAR = 1_000
_NEAR = 10
_GLOBS = "*?["


def short_uuids(text: str) -> str:
    """`text` with each UUID cut to its first group: ``prefect.flow.925eacce…``."""
    return UUID.sub(rf"\g<first>{ELLIPSIS}", text[:_FAR])


def short_id(resource_id: str) -> str:
    """``prefect.flow-run.925eacce-7fe5-…`` as ``flow-run.925eacce…``."""
    return inert(short_uuids(resource_id).removeprefix(_PREFIX), _LONGEST_LABEL)


def event_name(name: str, *, wide: bool) -> str:
    """An event's name; without ``prefect.`` unless `wide`."""
    return inert(name if wide else name.removeprefix(_PREFIX), _LONGEST_NAME)


def subject(event: Event | Heading, *, wide: bool) -> Text:
    """The event's resource: its name and, if `wide`, a short id; or only the id."""
    if not isinstance(event, Event):
        return Text()
    resource_id = event.resource.get(RESOURCE_ID, "")
    name = event.resource.get(RESOURCE_NAME, "")
    if not name:
        return Text(short_id(resource_id))
    text = Text(inert(name, _LONGEST_LABEL))
    unique = UUID.search(resource_id[:_FAR])
    if unique and wide:
        text.append(f" {unique['first']}{ELLIPSIS}", "dim")
    return text


def event_text(event: Event | Heading, *, wide: bool) -> Text:
    """An event on one line: ``prefect.flow-run.Failed wise-owl 925eacce…``."""
    text = Text(event_name(event.name, wide=wide))
    if of := subject(event, wide=wide):
        text.append(" ")
        text.append_text(of)
    return text


def trigger_place(trigger: Trigger) -> str:
    """A child's place in its automation, as `child_path`; empty for the root trigger."""
    return "" if trigger.path == "$" else child_path(trigger.path)


def child_path(path: str) -> str:
    """A child's place in its automation: ``$.triggers[0].triggers[1]`` as ``[0][1]``."""
    return path.removeprefix("$").replace(".triggers", "") or path


def label_alias(label: str) -> str:
    """A ``for_each`` label as one or two words: ``flow``, ``flow name``, ``resource``."""
    directive, _, rest = label.partition(":")
    if directive == "related" and rest:
        role, _, related_label = rest.partition(":")
        label = _of_role(role, related_label)
    elif label.startswith(_PREFIX):
        label = _of_role("resource", label)
    return inert(label, _LONGEST_LABEL)


def _of_role(role: str, label: str) -> str:
    if label == RESOURCE_ID:
        return role
    if label == RESOURCE_NAME:
        return f"{role} name"
    return f"{role} {label}"


def bucket_caption(bucket: BucketHistory) -> str:
    """The name of the resource if the key of an event bucket is its id, else the bucket's labels.

    For a composite its kind, for a metric trigger the metric.
    """
    match bucket.trigger:
        case CompositeTrigger(kind=caption) | MetricTrigger(metric=caption):
            return caption
        case EventTrigger():
            pass
    if not bucket.labels:
        return "all events"
    if [label for label, _ in bucket.labels] == [RESOURCE_ID]:
        for transition in bucket.transitions[:_NEAR]:
            event = transition.event
            if event is not None and event.resource.get(RESOURCE_ID) == bucket.key[0]:
                return subject(event, wide=True).plain
    return labels_text(bucket.labels)


def bucket_captions(buckets: Iterable[BucketHistory]) -> dict[BucketHistory, str]:
    """The `bucket_caption` of each bucket; where two of one trigger have the same, their keys."""
    captions = {one: bucket_caption(one) for one in buckets}
    alike = Counter((one.trigger.path, caption) for one, caption in captions.items())
    unclear = [one for one in captions if alike[one.trigger.path, captions[one]] > 1 and one.key]
    keys = key_texts(one.labels for one in unclear)
    return captions | {one: keys[one.labels] for one in unclear}


def key_texts(keys: Iterable[Labels]) -> Keys:
    """The `labels_text` of each bucketing key; where it shortens two to one text, whole ids."""
    texts = {key: labels_text(key) for key in keys}
    alike = Counter(texts.values())
    for key in texts:
        if alike[texts[key]] > 1:
            texts[key] = whole_key(key)
    return texts


def whole_key(labels: Sequence[tuple[str, str]]) -> str:
    """A bucketing key with ids that are not shortened: ``task-run=0197a3b2-7c1d-…``."""
    return ", ".join(_short_label(label, value, whole=True) for label, value in labels)


def short_path(path: str) -> str:
    """The end of a file's path: ``…/recordings/run.jsonl``."""
    if len(path) <= _LONGEST_PATH:
        return inert(path, _LONGEST_PATH)
    tail = path[-_FAR:].rsplit("/", maxsplit=2)[-2:]
    return inert(f"{ELLIPSIS}/{'/'.join(tail)}", _LONGEST_PATH)


def labels_text(labels: Sequence[tuple[str, str]], *, full: bool = False) -> str:
    """A bucketing key: ``flow=925eacce…``; with `full`, in the notation of ``--bucket``."""
    if full:
        return " ".join(f"{inert(label, 200)}={inert(value, 200)}" for label, value in labels)
    return inert(", ".join(_short_label(label, value) for label, value in labels), _LONGEST_KEY)


def _short_label(label: str, value: str, *, whole: bool = False) -> str:
    alias = label_alias(label)
    if not value:
        return f"{alias}=(none)"
    short = inert(value.removeprefix(_PREFIX), _FAR) if whole else short_id(value)
    # In `flow=flow.925eacce…` the second word is redundant.
    kind, _, rest = short.rpartition(".")
    says_kind = kind == alias or (kind and UUID.search(value[:_FAR]))
    return f"{alias}={rest if says_kind else short}"


def as_glob(name: str) -> str:
    """A glob for ``--automation`` that matches the name; a character that is not printable becomes ``?``."""
    return "".join(
        f"[{one}]" if one in _GLOBS else one if one.isprintable() else "?" for one in name
    )
