"""Measures the shipped model and writes the figures down: docs/accuracy.json, docs/accuracy.md and its pictures.

python -m tools.accuracy [--photos DIR] [--only PART …] [--test-set] [--folds RUN …] [--seeds RUN …]
python -m tools.accuracy --render | --check
"""
