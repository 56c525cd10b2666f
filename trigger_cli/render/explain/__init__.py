"""An explanation: a table for a person, JSON for a program."""
