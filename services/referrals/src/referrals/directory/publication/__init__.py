"""The public directory as an API of HSDS 3.1, without confidential services."""
