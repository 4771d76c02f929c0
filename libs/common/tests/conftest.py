pytest_plugins = ["solidary.testing.servers"]
