"""What a process tells of itself: metrics over HTTP, log lines, and the trace of each article.

None of it holds up the line: where it cannot be told, a line of the log says so, and work goes on.
"""
