"""A replay in several processes, on this machine or on a cluster."""
