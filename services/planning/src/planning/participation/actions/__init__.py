"""What a plan may do: actions, their cost, whether they can be done, and what became of them."""
