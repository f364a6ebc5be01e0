"""HTTP in and out: each module turns requests into calls of a service, and results into answers."""
