"""The machine that all runs on: its processes, cgroups, memory, cores and ports."""
