"""`make bench`: what the service costs, beside the same routes on bare FastAPI and on the common tutorial's set-up."""
