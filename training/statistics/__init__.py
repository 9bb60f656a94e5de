"""Discrimination, calibration and stability, each with its uncertainty."""
