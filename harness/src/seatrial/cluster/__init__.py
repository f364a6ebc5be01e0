"""The second runtime: a cluster, through its API. It knows no more of the service than its manifests say."""
