"""Decides which triggers take an event, in which role and under which key (N, M, B2)."""
