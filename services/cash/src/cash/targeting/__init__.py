"""Programmes, the consents and coded profiles of households, and the households enrolled in programmes."""
