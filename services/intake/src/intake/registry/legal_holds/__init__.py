"""Legal holds: reasons for which a person may not be erased yet, each until a day."""
