"""The figures and pictures of docs/accuracy.md, made anew: python -m tools.accuracy [--compare SAVED_MODEL]."""
