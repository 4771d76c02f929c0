"""The three servers, each as a process of this machine."""
