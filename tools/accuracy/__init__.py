"""Measures the shipped model and writes the figures down: docs/accuracy.json, docs/accuracy.md and its pictures.

python -m tools.accuracy [--photos DIR] [--test-set] [--folds RUN …] [--seeds RUN …] | --render | --check
"""
