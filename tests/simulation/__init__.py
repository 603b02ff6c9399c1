"""A deterministic simulation of `multichat.realtime`: one seed is one history, and always the same one.

The real hubs, feeds, keepers and connections run on a `World`: a machine whose time is virtual and whose threads are
greenlets, of which chance picks the one that goes on at each lock, wait and read. Log, bus and sockets are in memory
and fail as chance has it. What must hold is checked while it runs.
"""
