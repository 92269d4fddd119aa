"""Lists that stay fast whatever the number of rows, and their filters."""
