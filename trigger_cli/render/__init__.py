"""Converts records to output: one folder for each view, one file for each format; no rules."""
