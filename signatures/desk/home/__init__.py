"""The desk's first page: what there is to do, and how things stand."""
