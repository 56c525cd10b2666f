"""A replay over the workers of a Dask cluster (extra ``cluster``), with logs on shared storage."""

from trigger_cli.cluster.client import ClusterError, connect
from trigger_cli.cluster.log import ClusterWorkers, SharedStorage
from trigger_cli.cluster.replay import ClusterReplay

__all__ = ["ClusterError", "ClusterReplay", "ClusterWorkers", "SharedStorage", "connect"]
