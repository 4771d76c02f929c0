"""The rule engines of cash: plain functions on values and files, without a database."""
