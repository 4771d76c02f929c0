"""The places where people are received: centres, and the queue of the day at each."""
