"""Search before registering: own candidates explained; of other agencies only that somebody may be known."""
