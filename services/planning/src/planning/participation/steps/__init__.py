"""A planner's steps from one state of a plan to the next, and what must exist before each."""
