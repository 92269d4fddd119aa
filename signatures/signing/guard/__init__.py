"""What stands between a checked form and `sign`: taken, taken and held, or given back with something to do first.

- `doubt`: the judgement, which asks the others     - `limits`, `pressure`: how much comes, and from where
- `proof`, `patience`: the two ways past a pressure  - `watching`: rules of staff that look at newcomers
"""
