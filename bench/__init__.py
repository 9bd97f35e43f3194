"""Measuring sdd: large projects to measure with, and one command that prints ratios (`make bench`)."""
