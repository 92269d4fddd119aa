"""Rules for waves of doubtful signatures: written down, looked at beforehand, run as jobs that can be undone.

- `matching`: from a rule to signatures      - `kind`: the jobs      - `pages`: list, form, preview
- `watch`: letting one hold new signatures   - `held`: how many it holds
"""
