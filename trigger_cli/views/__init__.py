"""Folds of a replay's records that several readers share, independent of any screen."""
