"""sdd: session-driven development with AI that holds, by means of git."""

__version__ = "0.1.0"
