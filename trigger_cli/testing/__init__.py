"""Tests for triggers: a file of scenarios in, what came true and what did not out.

`read_suite` reads a test file (never raising for what it holds), `run_scenario` replays one of
its scenarios and holds it against what is expected, `coverage` says what the tests exercise,
`update` writes into the file what really happened, and `capture` cuts a scenario out of a log.
"""
