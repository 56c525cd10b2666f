"""Why a trigger fired or did not: records of a replay in, explanations out.

Everything here reads the same transitions as every other view. What the engine does not record,
because it would drown the stream (events that do not match), is counted on the way
(``tally.py``), and what *would* have happened is found by replaying with a change
(``counterfactuals.py``), never by reasoning about it.
"""
