"""The engine of the directory: the Human Services Data Specification (HSDS) 3.1 of Open Referral as types.

A model accepts what the standard's JSON Schema accepts and refuses what it refuses; docs/using/directory.md lists
where we are stricter on purpose. Unknown fields are kept: a publisher's profile may add its own, and they are
written again unchanged.
"""
