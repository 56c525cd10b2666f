"""A replay in several processes: on this machine, or on the workers of a cluster."""
