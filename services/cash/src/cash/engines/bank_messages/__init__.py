"""Bank messages of ISO 20022: payment orders are written (pain.001), status reports and statements are read."""
