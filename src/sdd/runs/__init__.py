"""A session carried out: its response read, its files written, its checks run, its run recorded."""
