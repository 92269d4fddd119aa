"""Which signatures a list shows: typed into one box, or chosen beside it, and the same in the end.

- `narrowing`: what a list is narrowed to, as parameters of its address, as a query, as a job's selection
- `understanding`: what somebody typed, as a narrowing     - `words`: a narrowing, said in words
- `newest`: a page of it, and a bounded count, by index    - `form`: the choices beside the list, with their counts
- `masking`: what is shown of a person     - `finding`: one person's, by address     - `revealing`: to whom, and why
"""
