"""What a project that is there already says of itself: its modules, its classes, its outline; read, and never run or imported."""
