"""Logs → ``Event | BadLine``: sources, decompression, decoding, order (rules T1, O1)."""

from trigger_cli.events.ordering import Order, in_order
from trigger_cli.events.reader import LogReader, LogStats
from trigger_cli.events.spill import LogSortError

__all__ = ["LogReader", "LogSortError", "LogStats", "Order", "in_order"]
