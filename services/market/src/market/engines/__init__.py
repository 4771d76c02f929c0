"""Engines without a database: economics, sectors and skills."""
