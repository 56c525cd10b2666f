"""Logs read and matched by several processes; the engine takes what they find in order."""

from trigger_cli.parallel.garbage import seldom_collecting
from trigger_cli.parallel.matched_log import MatchedLog, Readers
from trigger_cli.parallel.matching import Matching

__all__ = ["MatchedLog", "Matching", "Readers", "seldom_collecting"]
