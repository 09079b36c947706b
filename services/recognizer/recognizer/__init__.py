"""RQ worker that reads images."""
