"""Engines of the subscriptions: plain functions of plain values."""
