"""Contracts: what components promise each other, whether it is whole, and whether implementations keep to it."""
