"""Replays on the workers of a Dask cluster (extra ``cluster``), with logs on shared storage."""

from trigger_cli.cluster.client import ClusterError, connect
from trigger_cli.cluster.log import ClusterWorkers, SharedStorage

__all__ = ["ClusterError", "ClusterWorkers", "SharedStorage", "connect"]
