"""The webhooks of an agency: where its events are sent, which of them, and under which secret."""
