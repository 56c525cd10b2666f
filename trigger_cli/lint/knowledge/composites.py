"""What rules about compound and sequence triggers share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from trigger_cli.lint.subject import CompositeAt, EventAt


def needs_several(composite: CompositeAt) -> bool:
    """Whether more than one child must have fired (C2, C4)."""
    return composite.trigger.require > 1


def pairs(composite: CompositeAt) -> Iterator[tuple[EventAt, EventAt]]:
    """Any two children that are event triggers, in their order."""
    return combinations((c for c in composite.children if isinstance(c, EventAt)), 2)
