"""Who works at the desk (`accounts`), who may do what (`roles`), and on which petitions (`scope`)."""
