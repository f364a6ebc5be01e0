"""A trial on a cluster, where the kubelet probes, restarts and ends: the harness sends, watches and judges."""
