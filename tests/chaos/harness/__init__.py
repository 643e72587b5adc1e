"""What the line runs on, and how it is harmed: servers, proxies, processes."""
