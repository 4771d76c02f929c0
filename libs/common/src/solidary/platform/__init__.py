"""The shared machinery of services: settings, database, messaging, jobs, identity, telemetry and web."""
