"""Reviews: all that a checker signs, and the decisions on the payments that a check flags."""
