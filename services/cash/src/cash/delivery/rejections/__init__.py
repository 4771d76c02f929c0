"""Rejections: the second person who confirms that rejected payments have failed, so that they may be paid again."""
