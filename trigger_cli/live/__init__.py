"""`watch` without its screen: the engine gets events as they arrive, and the time of a clock."""
