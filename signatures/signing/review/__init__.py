"""What staff decide about signatures: hold and release, moves of many, names that are shown, and what rules ask."""
