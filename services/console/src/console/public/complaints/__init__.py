"""Filing a complaint without a login, and following it by its code."""
