"""Session files, templates, keys, order and plan: the project as its files tell it."""
