"""An explanation: a table for people, JSON for programs."""
