"""Trains, evaluates, exports and promotes digit models."""
