"""Many open buckets that are never changed: a page of events gives new ones.

A result that is lost with a worker is made again from the one before, so that must still be what
it was. A copy for each page would cost as much as there are keys; here old and new share nearly
all they hold.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from trigger_cli.engine.keyed import OpenBucket
from trigger_cli.model import Key

KeyOf: TypeAlias = tuple[int, Key]
"""`Automation.index`, and the bucketing key."""
Changes: TypeAlias = dict[KeyOf, OpenBucket | None]
"""The bucket that each key now has, if it has one."""


class OpenBuckets(NamedTuple):
    """By automation and key: the open bucket."""

    layers: tuple[Changes, ...] = ()
    """What has changed, the latest last; each much larger than the next, so there are few."""

    def of(self, key: KeyOf) -> OpenBucket | None:
        """The bucket that a key has."""
        for layer in reversed(self.layers):
            if key in layer:
                return layer[key]
        return None

    def after(self, changes: Changes) -> OpenBuckets:
        """The buckets when `changes` have been made."""
        layers = list(self.layers)
        latest = changes
        while layers and len(layers[-1]) < 2 * len(latest):
            latest = {**layers.pop(), **latest}
        if not layers:
            latest = {key: bucket for key, bucket in latest.items() if bucket is not None}
        return OpenBuckets((*layers, latest))
