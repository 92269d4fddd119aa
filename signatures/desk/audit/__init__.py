"""What staff did: written with each change (`recorded`), chained (`chain`), shown (`entries`, `history`, `checks`)."""
