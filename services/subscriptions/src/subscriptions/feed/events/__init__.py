"""The events of a feed: how they arrive, how they are read, and how long they are kept."""
