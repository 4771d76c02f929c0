"""The login at Keycloak and the logout."""
