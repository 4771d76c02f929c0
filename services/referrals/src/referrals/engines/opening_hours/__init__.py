"""The engine of opening hours: open now and next, from HSDS schedules with exceptions and time zones."""
