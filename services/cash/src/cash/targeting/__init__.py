"""Programmes, the households enrolled in them and the consents they stand on."""
