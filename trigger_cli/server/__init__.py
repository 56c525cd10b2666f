"""The client of the API of a Prefect server or Cloud: settings, requests, live stream, files.

No function here reads a clock or sleeps by itself: the caller passes a `Clock`.
"""
