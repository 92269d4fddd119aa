"""Which countries and territories a signer can choose, what they are called, and in which order they stand."""
