"""The scenarios, one a file: each deploys the subject, does something to it, and has the claims that judge it."""
