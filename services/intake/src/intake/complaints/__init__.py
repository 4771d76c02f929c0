"""Complaints and feedback: filed by anybody, answered in time, and the sensitive ones seen by few."""
