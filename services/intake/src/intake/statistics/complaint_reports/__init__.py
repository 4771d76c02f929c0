"""Reports of xenophobia and other discrimination, counted by area and kind (docs/using/complaints.md)."""
