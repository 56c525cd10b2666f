"""Test results: a table, JSON, JUnit, and coverage."""
