"""Backups of an instance, and restoring one into an empty place (docs/operating/backup.md)."""
