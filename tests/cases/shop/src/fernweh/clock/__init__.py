"""Time and identifiers."""
