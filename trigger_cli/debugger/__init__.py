"""The time-travel debugger: a compact recording of a replay, a cursor in it, and views of both.

The core (this folder) and ``views/`` do not use the screen; ``app/`` is the Textual program. All
state is read from the replay's own records, so a step back costs no more than a step forward: a few
binary searches.
"""
