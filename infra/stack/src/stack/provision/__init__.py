"""Brings PostgreSQL, Kafka and Keycloak to the wanted state, again and again, whoever started them."""
