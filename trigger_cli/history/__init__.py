"""Work on history: what a log says about triggers, and triggers about a log.

`diff` holds two replays against each other, `sweep` replays a grid of variants in one pass of
reading, `audit` holds a server's own firings against the simulated ones, `survey` tells what is
in a log. All of them are readers of the engine's records; none decides a rule itself.
"""
