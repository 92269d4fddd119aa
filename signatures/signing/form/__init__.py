"""What somebody types and sends: its fields, its checks, and that nothing of it is lost on the way."""
