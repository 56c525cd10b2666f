"""Explains why a trigger fired or did not, from the records of a replay.

All explanations use the same transitions as every other view. ``tally.py`` counts the events that
do not match, which the engine does not record because there are too many. What *would* have
happened is determined by a replay with the change (``counterfactuals.py``), never by inference.
"""
