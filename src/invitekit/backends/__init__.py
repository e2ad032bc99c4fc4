"""Services that hold invitations, and how to reach them.

Each constructor (`unipile`, `memory`, and whatever `load` finds) gives a value that knows how to reach a service;
its ``open()`` and ``aopen()`` give the live backend, sync and async. `Listings` and `AsyncListings` add lists and
snapshots to a backend of your own.

Nothing that sends a request is loaded before a backend is opened.
"""
