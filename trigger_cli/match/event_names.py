"""What an event's name says before any trigger is asked."""

from __future__ import annotations

import sys

STATE_PREFIX = "prefect.flow-run."
"""What the name of an event begins with that reports a flow run's state; the state follows (K1)."""

UNDELIVERED_NAMES = frozenset({"prefect.log.write"})
"""Events that never reach triggers (O3)."""


def state_name(event_name: str) -> str | None:
    """The flow run state that an event's name reports, or ``None`` if it reports none (K1).

    The server emits ``prefect.flow-run.<name of the state>`` at each change of state, and flows
    may name their states as they like (``Data Ready``, ``v1.2``), so any name is one. Only what
    Prefect is known to emit under the same prefix without a change of state is left out: the
    heartbeat, and the steps that pull a flow's code (``pull-step.executed``,
    ``pull-step.failed``). K2 asks for a run's latest state: a heartbeat, taken for one, would keep
    a run in the window that has long been silent, and hide a failure reported just before it.
    """
    if not event_name.startswith(STATE_PREFIX):
        return None
    state = event_name[len(STATE_PREFIX) :]
    if not state or state == "heartbeat" or state.startswith("pull-step."):
        return None
    # There are few states and many events: one copy of each name is enough.
    return sys.intern(state)
