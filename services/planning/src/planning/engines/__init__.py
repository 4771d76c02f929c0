"""Engines without a database: allocation, siting, marker and portfolio."""
