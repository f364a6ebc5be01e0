"""What the service is called: in its metrics, its log of traces, its API document and at the database."""

NAME = "seatrial"
"""An RFC 1123 label, as in the manifests: `make rename` changes both."""
TITLE = NAME.replace("-", " ").capitalize()
