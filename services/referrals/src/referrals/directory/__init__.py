"""The directory of services: the agencies' entries, their publication, and suggestions for a need."""
