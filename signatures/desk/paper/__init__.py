"""Signatures that were collected on paper come in from a file: looked at in a dry run first, then imported.

- `read`: a CSV or XLSX file as rows      - `columns`: which column is what      - `check`: a row, good or why not
- `store`: the file in sealed parts       - `kinds`: the two jobs      - `words`: what is wrong, in words
- `pages`: what staff see                 The rule that counts them is `signing.paper`.
"""
