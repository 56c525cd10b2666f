"""Folds of a replay's records that more than one reader needs; they know no screens."""
