"""Discrimination and calibration, each with its uncertainty."""
