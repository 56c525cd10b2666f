"""An event trigger's windows, read off the records of its replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trigger_cli.model import Bucket, Event, Key, Transition


@dataclass(slots=True)
class WindowStory:
    """One window of one bucketing key, from its opening to its end."""

    key: Key
    opening: Transition | None
    """``None`` if it is not among the records kept."""
    bucket: Bucket
    """As it last stood."""
    counted: list[Transition] = field(default_factory=list)
    ending: Transition | None = None
    """What fired, closed, renewed or dropped it; ``None``: still open at the end."""

    @property
    def opener(self) -> Event | None:
        """The event that opened it; ``None``: a deadline, or time alone."""
        return None if self.opening is None else self.opening.offered


def windows_of(records: Iterable[Transition]) -> Iterator[WindowStory]:
    """The windows of one event trigger, in the order in which they ended or, if open, began."""
    current: dict[Key, WindowStory] = {}
    for one in records:
        story = current.get(one.key)
        if story is not None and not _is_about(one, story):
            # What happened between is not among the records kept.
            story = None
        match one.kind:
            case "opened":
                assert one.after is not None
                current[one.key] = WindowStory(one.key, one, one.after)
            case "counted" | "ignored" if one.after is not None:
                if story is None:
                    story = current[one.key] = WindowStory(one.key, None, one.after)
                story.bucket = one.after
                if one.kind == "counted":
                    story.counted.append(one)
            case "fired" | "closed" | "renewed" | "dropped":
                if story is None and one.before is not None:
                    story = WindowStory(one.key, None, one.before)
                if story is not None:
                    story.ending = one
                    yield story
                current.pop(one.key, None)
                if one.kind == "renewed":
                    assert one.after is not None
                    current[one.key] = WindowStory(one.key, one, one.after)
            case _:
                pass
    yield from current.values()


def _is_about(one: Transition, story: WindowStory) -> bool:
    """Whether the record, if it is about a window that was open, is about that of the story."""
    return one.before is None or one.before[:2] == story.bucket[:2]
