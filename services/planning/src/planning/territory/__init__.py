"""Cities with their cells, Territorial Intervention Units, and the demand counted in them."""
