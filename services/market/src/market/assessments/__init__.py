"""Rapid market assessments, led together with a municipality: sectors, barriers and what they propose."""
