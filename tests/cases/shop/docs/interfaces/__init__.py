"""What the components of Fernweh promise each other. The shop imports these types; nothing here does anything."""
