"""Tests of `trigger_cli.render`."""
