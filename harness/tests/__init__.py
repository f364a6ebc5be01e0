"""Tests of the harness: what judges must itself be judged."""
