"""Benchmark: our recipe beside other people's models, on the same rows."""
