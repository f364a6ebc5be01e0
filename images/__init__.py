"""The service's image, and the stand-ins for images that no registry here gives."""
