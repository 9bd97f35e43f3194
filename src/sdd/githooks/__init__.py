"""What makes git ask sdd in a clone: native scripts, pre-commit or prek, lines in other people's hooks."""
