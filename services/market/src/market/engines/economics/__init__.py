"""Where a local economy stands and how it moved: location quotient, shift-share, growth from a sample."""
