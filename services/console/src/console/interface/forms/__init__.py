"""Forms: their fields, the bodies that they make, and the places of their faults."""
