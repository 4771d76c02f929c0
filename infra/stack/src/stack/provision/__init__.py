"""Provisioning that brings PostgreSQL, Kafka and Keycloak to the wanted state and may be repeated."""
