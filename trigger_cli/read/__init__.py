"""Reads logs for a replay: order, range, worker processes."""
