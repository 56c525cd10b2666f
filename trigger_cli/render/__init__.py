"""Records to output: one file a format, and no rule of the engine in any of them."""
