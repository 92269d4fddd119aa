"""Updates from the campaign: written and published (`writing`), and mailed to supporters (`sending`)."""
