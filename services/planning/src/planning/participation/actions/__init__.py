"""The actions of a plan: their costs, their feasibility and their outcome."""
