"""The kubelet of played pods: probes, restarts, hooks and termination by its rules."""
