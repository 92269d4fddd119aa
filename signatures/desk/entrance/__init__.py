"""The way in: password, second factor, lock-out, and the same once more before what cannot be undone."""
