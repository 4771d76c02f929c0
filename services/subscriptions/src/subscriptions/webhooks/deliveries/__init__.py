"""The deliveries of a webhook: one for each event, in order per aggregate, repeated until the receiver accepts it."""
