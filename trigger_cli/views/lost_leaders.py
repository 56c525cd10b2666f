"""Counts events whose leader did not come within their wait (``semantics.md`` O4)."""

from trigger_cli.model import DeliveryTransition


class LostLeaders:
    """Counts the events that waited the full 15 minutes for the event they follow."""

    __slots__ = ("_due", "count")

    def __init__(self) -> None:
        self.count = 0
        # When each wait ends, by the number of its record.
        self._due: dict[int, int] = {}

    def note(self, one: DeliveryTransition) -> None:
        """Take the next record of delivery."""
        if one.kind == "waiting" and one.due is not None:
            self._due[one.seq] = one.due
        elif one.kind == "released":
            self.count += one.at >= self._due.pop(one.because[0], one.at + 1)


def lost_leaders_said(count: int) -> str:
    """A note for the reader about `count` such events; empty if there are none."""
    if not count:
        return ""
    events, were = ("event follows", "was") if count == 1 else ("events follow", "were")
    return (
        f"{count:,} {events} an event that is missing here or did not come in time, and {were} held for"
        " 15 min (O4): the log may begin too late"
    )
