"""Settings: the environment, read once."""
