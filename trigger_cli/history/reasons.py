"""The reasons that an audit knows for differences between recorded and simulated firings."""

from typing import Literal, TypeAlias

from msgspec import Struct

from trigger_cli.explain.sentence import Sentence

ReasonCode: TypeAlias = Literal[
    "processed-twice",
    "after-processed-twice",
    "fired-twice-for-one-window",
    "polling",
    "stood-still",
    "created-later",
    "changed-later",
    "log-begins-later",
    "event-not-in-log",
    "log-ends-first",
    "other-order",
    "arrived-late",
]
"""The stable names of the reasons."""

REASONS: dict[ReasonCode, str] = {
    "processed-twice": "the server processed the triggering event more than once",
    "after-processed-twice": "an earlier event was processed more than once, and counted so",
    "fired-twice-for-one-window": "an event and the deadline poll both fired one window",
    "polling": "the server polls deadlines only every few seconds",
    "stood-still": "the server paused for a while, and then received all events at once",
    "created-later": "the automation was created after the log's start",
    "changed-later": "the automation was changed since, and may have been another then",
    "log-begins-later": "the window began before the log does",
    "event-not-in-log": "the triggering event is not in the log, or only later",
    "log-ends-first": "the log ends before the server's firing could be in it",
    "other-order": "the server processed events in another order than the log's",
    "arrived-late": "the event came to the server late",
}
"""A short description of each reason, in the order of a table."""

Proof: TypeAlias = Literal["replayed", "seen", "possible"]
"""The evidence: a replay with the cause gives the firing; the log shows it; or it is possible."""


class Reason(Struct, frozen=True):
    """Why one firing is unpaired or late."""

    code: ReasonCode
    said: Sentence
    proof: Proof
    event_line: int | None = None
    """The line of the event that is the cause, if there is one."""
