"""The proof under load: the whole line with faults, each of a fixed seed, against the real servers.

``soak`` runs for as long as it is told with random faults; ``chaos`` runs one scenario for each
fault. Both end in a written result.
"""
