"""Runs rules: configuration, selection, ignores, baselines, fixes."""
