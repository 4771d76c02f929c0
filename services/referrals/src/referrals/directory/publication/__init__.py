"""The public directory, as an API of the Human Services Data Specification 3.1. Confidential services are not in it."""
