"""Exports: each has a purpose that signers agreed to, and holds just what that purpose needs.

- `purposes`: who is in a file, and with what    - `writers`: CSV and XLSX, a row at a time
- `store`: the file in sealed parts, its end     - `kind`: the job that writes it     - `pages`: what staff see
"""
