"""Deployments that are broken on purpose, each by one small change, and the good ones that they are made of."""
