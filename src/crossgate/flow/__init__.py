"""Control flow without an event loop: fibers, signals, timers and bodies that arrive in pieces.

A request of a gateway waits for little: an upstream answer, a body, a deadline. Tasks and futures of an event loop
are dear for that (measured at 11 % of a proxied request), so what waits here is a plain coroutine that is resumed by
hand by whoever has its answer. Nothing in this room opens a socket or reads a clock: time is passed in.
"""
