"""The service subscriptions: the events that concern an agency, as one feed and as signed webhooks."""
