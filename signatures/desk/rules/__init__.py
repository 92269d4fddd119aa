"""Rules for waves of doubtful signatures: written down, looked at beforehand, run as jobs that can be undone.

- `form`: what they ask for
- `matching`: from a rule to signatures      - `kind`: the jobs      - `pages`: list, preview
- `watch`: letting one hold new signatures   - `held`: how many it holds
"""
