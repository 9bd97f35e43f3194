"""What people look at: trackers, the status, the log."""
