"""The lists of pages: filtered, in an order, in parts, and as a file."""
