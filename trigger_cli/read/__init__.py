"""The one way from logs to what a replay takes: reading, order, range, processes."""
