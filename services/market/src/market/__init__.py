"""The market service: rapid market assessments and the lines that they propose for territorial plans."""
