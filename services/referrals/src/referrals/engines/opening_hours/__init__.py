"""When a service is open: now, and next; from HSDS schedules, with exceptions and time zones."""
