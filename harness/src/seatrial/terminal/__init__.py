"""What people see: one console for results, one for all else, a verdict, and progress."""
