"""Market assessments and the steps in which an agency and a municipality carry them out."""
