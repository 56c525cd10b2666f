"""Records to output: one folder for each thing shown, one file a format, no rule of the engine."""
