"""The developer's tools that follow from the list of services; see docs/extending/your-first-service.md."""
