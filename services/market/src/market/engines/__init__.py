"""Engines without a database: the local economy, the choice of sectors and barriers, and skills."""
