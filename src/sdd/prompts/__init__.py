"""What a session compiles to: the context that its selectors name, held against a budget, in a fixed order."""
