"""Updates sent to supporters by mail: begun once, listed little by little, handed over to each person at most once."""
