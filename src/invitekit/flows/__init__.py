"""What invitekit does with a service: logic that awaits operations and nothing else.

Theory of operation
===================

**A flow says what is wanted; a driver does it.** A flow is an ``async def`` function marked with ``@flow``. It
awaits *operations*, which are frozen values such as ``ReadPage(ListKind.SENT)`` or
``Pause(timedelta(seconds=2))``, and other flows. An operation does nothing. Awaiting one hands it, through all
flows in between, to the driver that steps the outermost flow; the driver performs it and sends back the answer,
which is what the ``await`` gives::

    flow                                driver
    page = await ReadPage(SENT, None)   --> gets ReadPage(SENT, None), calls backend.page(SENT, None)
                                        <-- sends the Page back
    await Pause(two_seconds)            --> gets Pause(...), waits
                                        <-- sends None back
    return rows                         --> gets Done(rows)

So ``await`` here has nothing to do with asyncio: no event loop is involved, and a flow that awaits anything that
is neither an operation nor a flow is stopped with a `TypeError` that names it. What the syntax buys is that type
checkers know what each operation is answered with, and that mypy (``unused-awaitable``, which this project has on)
finds every operation that is built and never awaited. At run time, nobody would: a dropped ``Pause`` is silence.

**One flow, two colours.** The drivers are in `invitekit._drive`: `drive` performs operations by calling,
`adrive` by awaiting. Nothing else differs between ``Listing`` and ``AsyncListing``, or between the two colours of
a backend, and the sync one works inside a running event loop, as in a notebook.

**Errors go in at the await.** What goes wrong while an operation is performed is thrown into the flow at the very
``await`` that asked, where ``try``/``except`` deals with it as usual. Interrupts and cancellations are not: they
leave the driver, and the flow is closed where it stands. So no flow awaits an operation inside ``finally``: when
a flow is closed, nobody is there to perform it.

**Showing something on the way.** ``await Emit(value)`` stops the driver, which gives `value` to whoever follows
the flow (a `Listing` gives its rows so) and goes on when it is asked for more. Nobody has to follow: `drive` runs
past.

**Two levels.** `read_through` and `read_whole` ask for pages: ``ReadPage`` is performed by the ``page()`` method
of a backend, whoever wrote it. The backends that speak HTTP are flows below that: `ask` sends a request, and
repeats it where that is allowed; its operations (``Exchange``, ``Pause``, ``Now``, ``Hold``) are performed by a
wire. One ``ReadPage`` above is thus a whole flow below, with a driver of its own.

The mechanism itself is in `invitekit._ops`; `Op.__await__` is its heart.
"""

from invitekit.flows._ask import HttpDialect, Retry, ask, ask_to_withdraw
from invitekit.flows._listing import Portion, Reading, ReadPage, read_snapshot, read_through, read_whole
from invitekit.flows._scrutiny import Extent, Progress, Scrutiny

__all__ = [
    "Extent",
    "HttpDialect",
    "Portion",
    "Progress",
    "ReadPage",
    "Reading",
    "Retry",
    "Scrutiny",
    "ask",
    "ask_to_withdraw",
    "read_snapshot",
    "read_through",
    "read_whole",
]
