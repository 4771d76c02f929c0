"""Cities, Territorial Intervention Units and the demand counted in them."""
