"""Measurements, each against its limit or a rival in the same run: machines are noisy, ratios are not."""
