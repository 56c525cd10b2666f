"""What runs rules: configuration, selection, ignores, baselines, fixes."""
