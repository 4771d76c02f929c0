"""What identifies a person is sealed with a key of their own, and that key by the instance's."""
