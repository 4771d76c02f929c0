"""What another agency may fetch under a consent: packages, coded profiles and payees."""
