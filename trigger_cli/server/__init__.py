"""A Prefect server or Cloud, by its API: settings, pages, back-off, the live stream, the log kept.

Nothing here reads a clock or sleeps by itself: whoever calls hands in a `Clock`.
"""
