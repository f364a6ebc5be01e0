"""Tests of how the service's image and stand-ins are made."""
