"""Filing a complaint for a person at the desk."""
