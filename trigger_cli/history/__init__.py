"""Analyses of a log and its triggers.

`diff` compares two replays, `sweep` replays a grid of variants in one pass over the log, `audit`
compares a server's own firings with the simulated ones, `survey` summarises a log. All of them read
the engine's records; none implements a rule.
"""
