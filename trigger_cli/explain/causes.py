"""All causes that an explanation can name, with a paragraph each.

The table is also the documentation: ``trigger-cli explain --codes`` prints it. A test checks that
each code has a case.
"""

import re
from collections.abc import Iterator

from msgspec import Struct


class Cause(Struct, frozen=True):
    """One cause."""

    code: str
    """The stable code, the same in every format."""
    paragraph: str
    """A description with the rules of ``semantics.md``."""
    remedy: str
    """A remedy, if there is one."""


class Chapter(Struct, frozen=True):
    """A group of related causes."""

    title: str
    causes: tuple[Cause, ...]


# The causes are below their chapter's title: code, paragraph and, after an arrow, the remedy.
_TABLE = """
# It fired
fired
    Events reached the threshold, or enough children of a composite fired: the trigger did what its
    definition says (E3, C2, C4).
    -> If it should not have, look at the changes that would silence it, and at what else they
       silence.
nothing-came
    A proactive trigger fires when fewer than `threshold` expected events came before a window's end
    (E3). Nothing that could have counted came at all.
    -> `--firing N` shows the window and what opened it.
answer-late
    The proactive window ended, and the trigger fired; the expected event came after that. A window
    is half-open: an event exactly at its end is too late (B1).
    -> Make `within` longer by at least the delay.
answer-not-matched
    During the proactive window an event of an expected name came, from the same resource as the
    event that opened it, but `match`, `match_related` or `for_each` kept it out. Both apply to
    expected events just as to those of `after` (M1, M2, B2).
    -> Drop or loosen the clause that refused it, or use a `for_each` label that both events have.
answer-before-after
    The expected event was processed before the `after` event that it should have answered, so it
    found no window to satisfy (B7). In the other order of delivery the trigger would not have
    fired.
    -> Emit the second event with `follows` naming the first: it then waits for it (O4).
already-ended
    The run had ended when the window was opened: an event of it that came late, or out of order,
    opened a window that nothing can answer (B5).
    -> Let a state open the window instead of a heartbeat, or put `match` on what only a living run
       has; a server 3.9 counts an end that was held before (H4, H6).
ended-otherwise
    The run ended within the window, in a state that `expect` does not list (N1).
    -> Expect every state that ends a run, or `prefect.flow-run.*`.
went-on-otherwise
    The run went on within the window, to a state that `expect` does not list (N1).
    -> Expect that state too, if it is an answer.
answer-before-watch
    The expected event came before the `after` event that opened the window, in whatever order they
    are delivered, or was processed before it, and no other order is known in which the trigger does
    not fire: no window was open to count it (B7).
    -> Let the earlier event open the window, or use a compound trigger, which knows no order.
armed-at-start
    On the server, a proactive trigger with `after` but without `for_each` arms itself when the
    clock starts and fires though no `after` event was seen (D7, P6). By the documentation it waits
    for one (P3).
    -> Add `for_each`: a keyed trigger waits for its `after` event in both dialects.
negation-takes-other
    On the server a negated pattern means "some value, or some related resource, other than this"
    (D1, D2, M6), so the trigger fired on what it was meant to leave out. By the documentation it
    excludes (M4, M5).
    -> Name what is wanted instead of what is not.
matches-everything
    `expect`, `match` and `match_related` are all empty, and an empty list or object matches every
    event (N1, M1, M2). Such an automation also fires on the events of its own actions.
    -> Name the events in `expect`.
fires-itself
    An action of the automation started the run whose event fired it again: a loop.
    -> Name the flows or deployments that are meant in `match_related`, without the one that the action
       starts.
tags-are-alternatives
    Several patterns of one label are alternatives (M1): one of the tags is enough. The event that
    fired had only some of them.
    -> Make `match_related` a list with one object for each tag: objects are ANDed (M2).
key-missing
    The events lack a label of `for_each`. Its value is then the empty string, so all of them share
    one bucket and are counted together (B2). `related:<role>:<label>` is read from the first
    related resource in the role; what a further one has does not count.
    -> Use a label that the events have; `--event` shows them.
children-of-different-keys
    The composite fired with child firings of different bucketing keys. Keys are not correlated: of
    each child the latest firing counts, whatever its key (C3).
    -> Composites cannot correlate. Where one child can be said by `after` and `expect` with
       `for_each`, use one event trigger.
child-out-of-date
    A proactive child had fired at its window's end, and what it missed came after that, before the
    composite fired. The composite keeps a child's firing for its `within` (C3), so that such a child
    does not say that something has not happened up to now.
    -> A shorter `within` of the composite limits how old the firing may be; composites cannot ask
       for absence up to now.
metric-breached
    The metric was beyond its threshold without a break for `firing_for` (K7).
    -> `--firing N` shows the runs that made the value.
fired-before-creation
    All firings come from events older than the automation itself, which a server could never have
    given it.
    -> Replay from its creation on: `--from` with the time named.

# It was not evaluated
disabled
    The automation has `enabled: false`; disabled automations are not evaluated (O5).
    -> Enable it.
refused-by-server
    The open-source server has no metric triggers and refuses the definition (D11, V4). Nothing of
    it is evaluated in a server's dialect.
    -> Replay with `--dialect docs`, or use Prefect Cloud.
no-events
    No event reached the triggers: the log is empty, or `--from`, `--to` and `--until` leave nothing
    of it; or no event has the labels that an expectation of a test names.
    -> Look at the log with `trigger-cli events LOG`.

# No event had a wanted name
name-never-seen
    No event of the log has a name that `expect` matches (N1, N2), and none is a misspelling of it.
    -> Compare with `trigger-cli events LOG`; or the log ends too early.
name-case
    The log has the name, spelled with other upper and lower case. Matching is case-sensitive (N2).
    -> Spell it as the log does.
name-nearly
    The log has a name that is nearly the one wanted.
    -> Spell it as the log does.
custom-state-name
    State events are named after the state's *name*, and flows may name their states as they like.
    The log has events whose state is of the wanted type under another name.
    -> Expect the custom name too, or `prefect.flow-run.*` with `match` on `prefect.state-type`.
negated-name
    On the server `!x` in `expect` or `after` takes only names that a pattern beside it takes (D3,
    N4); by the documentation it excludes x (N3).
    -> Name the wanted events.
star-needs-character
    On the server `foo*` does not match the name `foo`: the star must stand for at least one
    character (D4, N4).
    -> List the bare name as well.
star-inside
    On a server older than 3.6.23 a star is a wildcard only at the end of a pattern; elsewhere it
    stands for itself (D18).
    -> Write the names out.
glob-in-name
    In event names `?` and `[` are no wildcards: by the documentation they stand for themselves
    (N3), and on the server a pattern with them matches nothing (D5, N4).
    -> Write the names out, or use `*`.
after-never-seen
    The trigger waits for an `after` event, and no event of such a name is in the log: nothing ever
    started a window (B5, B7).
    -> Correct the name in `after`, or drop `after`.

# No event passed the filters
label-missing
    A clause asks for a label that none of the events has. Without the label nothing matches,
    whatever the pattern (M1).
    -> Use a label that the events have; `--event` shows them.
resource-never-matched
    Events of the wanted name came, but a pattern of `match` fits none of their values (M1, M3).
    -> Compare the values most often seen with the pattern.
resource-is-related
    `match` is about the event's own resource (M1). What it asks for is there, but as a related
    resource.
    -> Move the clause into `match_related`.
empty-pattern-list
    A label with an empty list of patterns matches nothing (M1).
    -> Drop the label, or give it a pattern.
glob-in-label
    `?` and `[` in a label's pattern stand for themselves by the documentation and are glob
    characters on the server (D5).
    -> Write the values out, or use `*`.
related-never-matched
    Events passed `match`, but no related resource of theirs fits `match_related` (M2).
    -> Compare the values most often seen with the pattern.
related-is-primary
    `match_related` is about related resources (M2). What it asks for is the event's own resource.
    -> Move the clause into `match`.
related-split
    Each label of a `match_related` object is there, but on different related resources: one single
    resource must satisfy all labels of an object (M2).
    -> Make `match_related` a list with an object for each resource.
related-forbidden
    A negated pattern asserts that no such resource is related (M5), and every event has one.
    -> Drop the negated pattern, or correct it.
after-never-matched
    Events of the `after` name came, but none passed `match` and `match_related`, which apply to
    them too (B4).
    -> Loosen the clause named, so that both kinds of events pass.

# Events passed, and it did not fire
below-threshold
    Fewer events than `threshold` passed in the whole log.
    -> Lower `threshold`, or the log ends too early.
window-too-short
    Enough events came, but not within one window of length `within` (B1, E2).
    -> Make `within` longer; the nearest miss says by how much, if a replay shows that it is enough.
split-over-keys
    Enough events came, but `for_each` spread them over several buckets, each with a count of its
    own (B2).
    -> Count by a label that the events share, or drop `for_each`.
start-does-not-count
    An event that matches both `after` and `expect` opens the window and does not count in it (B5);
    no other came.
    -> Drop `after`, or expect another event.
expect-before-after
    The expected events came before the first `after` event; they count only while a window is open
    (B7).
    -> Swap `after` and `expect`, or use a compound trigger, which knows no order.
lost-to-lingering-window
    On the server an expired window lingers for 60 s, and an `after` event that falls into this time
    is lost (D8, S2). By the documentation it opens a new window (S1).
    -> Make `within` longer, so that windows do not expire just before the next start.
forgotten
    On the server a window with `within: 0` is forgotten about 60 s after its last start (D9, S2).
    By the documentation it has no time limit (S1).
    -> Give `within` the time that the events may take.
arrived-late
    The event occurred before the window's start, by more than the 15 minutes that a first window
    looks back, so it was ignored (B6, E1). Or it occurred within a proactive window and was
    processed after the trigger had fired.
    -> Nothing in the definition: its source reports too late.

# A proactive trigger did not fire
satisfied
    Every window got its expected events in time: nothing was missing (E3).
    -> `-v` shows what satisfied each.
satisfied-by-other-run
    Without `for_each`, or with a key that several runs share (their flow, their deployment), another
    run's event satisfied the window (B1, B2).
    -> Add `for_each` with `prefect.resource.id`.
lost-to-satisfied-window
    An `after` event came in a window that had got what it expected and was not over yet. It opened
    no window of its own (B5), so that the silence after it was not watched.
    -> Make `within` no longer than the answer may take; a window stays open until its end.
ended-by-live-state
    The window was answered by a state in which the run is still alive, or by a heartbeat, which
    `prefect.flow-run.*` takes too, and no `after` event opened another since: the run has no window
    (P5, E4). A trigger that expects no state which ends a run waits for the run to start, so that such
    a state is `satisfied`.
    -> Expect only states that end a run, or list what answered in `after` as well.
after-also-expected
    Several `after` events are also covered by `expect`: the second satisfies the window that the
    first opened, and starts a new one (E4). Time in one state is measured, not time in all of them
    together.
    -> Expect only the events that end the wait, or use one automation for each state.
unwatched
    On the server a window that ended satisfied is dropped and not followed by the next at once (D6,
    P5): the silence fell into a time without a window.
    -> Count with gaps, or replay by `--dialect docs` to see what was missed.
threshold-zero
    A proactive trigger fires when fewer than `threshold` events came, and there are never fewer
    than 0. A reactive threshold of 0 is met by the first event, and not by absence (E3).
    -> Use a threshold of 1.
pending-deadline
    A window is still open at the end of the replay. It fires at its deadline if nothing that
    satisfies it comes before (T5).
    -> `--until` or `--until-quiet` lets the clock run on.

# A composite did not fire
child-never-fired
    Too few of the children fired at all (C1).
    -> The child's own cause is told below.
child-expired
    Enough children fired, but too far apart: a stored firing older than `within` is dropped (C3). A
    proactive child fires only at its window's end.
    -> Make the composite's `within` longer; the nearest miss says by how much.
within-zero
    With `within: 0` all children must fire at the same instant (C3). Children are separate events;
    a compound cannot AND conditions on one event.
    -> Put the conditions into one event trigger: `match_related` takes a list.
out-of-order
    All children of the sequence fired, but not in its order (C4).
    -> Put the children in the order of their events, or use a compound.
child-superseded
    The children fired in order, but one fired again before the last did; only the latest firing of
    a child is kept, and that one stood out of order (C3, C4).
    -> Make the child fire less often, e.g. with `within`.

# A metric did not fire
metric-undefined
    No run could be measured in any window, so the metric had no value, which never breaches (K5).
    -> Look at `match`, and at which states the log has.
metric-never-breached
    The metric had values, none of them beyond the threshold (K7).
    -> The nearest miss says how close it came.
breach-too-short
    The metric was beyond the threshold, but never without a break for `firing_for` (K7).
    -> Make `firing_for` shorter; the nearest miss says how long it held.

# What one event did (`--event`)
counted
    The event passed and was counted, but the threshold was not reached, or a proactive window was
    satisfied by it (E2, E3).
started-watch
    The event matches `after` and opened or renewed a window (B5, E4).
already-watching
    The event matches `after`, and the window was open already: it keeps its length (B5).
not-wanted
    The event's name is not one that `expect` or `after` matches (N1).
not-matched
    The event has a wanted name, but a clause of `match` or `match_related` refused it (M1, M2).
cooling-down
    The trigger had fired early in its window and cools down until that window's end; events before
    it are ignored (E1, E6).
    -> Make `within` shorter.
after-window-closed
    The event found its window over, and with `after` a new one opens only at the next start (E5).
awaits-after
    The event is expected, but no window was open: an `after` event must come first (B7).
held
    The event is expected, but no window was open. A server 3.9 holds it: a window that opens over
    it later counts it (H2, H4).
held-already
    A copy of the event is held already, so this one is ignored (H3).
filled-child
    The event made a child of the composite fire, which was stored; the composite waits for others
    (C3).
measured
    The metric took the event; its value did not keep the trigger beyond the threshold for long
    enough (K7).
duplicate
    An event of this id had been processed less than 30 minutes before, so it was dropped (O2).
waiting-for-leader
    The event `follows` another that was not processed in the 30 minutes before; it waits for it for
    up to 15 minutes (O4), and still waited at the end or when a proactive trigger fired.
    -> The log may lack the event that it follows.
never-delivered
    Events named `prefect.log.write` never reach triggers (O3).
not-taken
    `--from`, `--to` or `--until` left the event out of the replay.
"""


def _causes(text: str) -> Iterator[Cause]:
    for code, told in re.findall(r"^(\S+)\n((?:    .+\n?)+)", text, re.MULTILINE):
        paragraph, _, remedy = told.partition("->")
        yield Cause(code, " ".join(paragraph.split()), " ".join(remedy.split()))


CHAPTERS = tuple(
    Chapter(title, tuple(_causes(text)))
    for title, _, text in (part.partition("\n") for part in _TABLE.split("\n# ")[1:])
)
CAUSES = {cause.code: cause for chapter in CHAPTERS for cause in chapter.causes}
