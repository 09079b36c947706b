"""Reads a camera and pushes preprocessed frames."""
