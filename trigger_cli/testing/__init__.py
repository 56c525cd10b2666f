"""Tests for triggers: read a file of scenarios, run them, report results.

`read_suite` reads a test file and never raises for its content. `run_scenario` replays a scenario
and compares the result with the expectations. `coverage` reports which clauses the tests exercise,
`update` writes actual results into the file, and `capture` cuts a scenario out of a log.
"""
