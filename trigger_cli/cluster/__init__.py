"""A replay over the workers of a Dask cluster (extra ``cluster``), with logs on shared storage."""

from trigger_cli.cluster.client import ClusterError, connect
from trigger_cli.cluster.elsewhere import EvaluatedElsewhere
from trigger_cli.cluster.log import ClusterLog, ClusterWorkers

__all__ = ["ClusterError", "ClusterLog", "ClusterWorkers", "EvaluatedElsewhere", "connect"]
