"""Which triggers take an event, in which role, under which key (``semantics.md`` N, M, B2)."""
