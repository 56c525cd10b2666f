"""The API of a Prefect server or Cloud: settings, pages, back-off, the live stream, files.

Nothing here reads a clock or sleeps by itself: the caller passes a `Clock`.
"""
