"""`watch` without its screen: the engine fed by what comes, and by the clock it is told."""
