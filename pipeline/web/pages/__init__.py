"""The web page: the same answers as the API, as HTML that needs no script to be read."""
