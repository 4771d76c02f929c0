"""Payment plans: the payments of a programme in a cycle, and the people who prepared and approved them."""
