"""The time-travel debugger: a replay recorded compactly, a cursor on it, and views of both.

The core (this folder) and ``views/`` know nothing of the screen; ``app/`` is the Textual program.
Whatever is shown at any point is read from the replay's own records, so going back costs no more
than going forward: a few binary searches.
"""
