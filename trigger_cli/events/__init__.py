"""Reads logs as events in columns: sources, decompression, decoding, order (T1, O1, O6)."""
