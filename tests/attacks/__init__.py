"""Attacks with valid logins on the running platform: one module for each section of docs/operating/security.md."""
