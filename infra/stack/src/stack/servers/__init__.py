"""The three real servers, each as a process of this machine."""
