"""Status reports: the reports of payment providers that were imported, and their contradictions to what is recorded."""
