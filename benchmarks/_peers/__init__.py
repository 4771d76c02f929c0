"""Other people's relays, run as their makers say."""
