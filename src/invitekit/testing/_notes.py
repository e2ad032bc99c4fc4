"""Invented notes. A row holds only a small code; the words are looked up when they are written or asked for.

As measured on member exports: no note holds a line break or a double quote, many hold double spaces (line breaks
seem to be flattened), most are long, none is longer than 300 characters.
"""

from __future__ import annotations

__all__ = ["NO_NOTE", "PERSONAL", "RECEIVED", "TEMPLATES", "note_text"]

NO_NOTE = 0

_IDENTICAL = (
    (
        "Hello,  I came across your profile while looking for people who work on example problems, and I "
        "liked what I read.  I would be glad to have you in my network.  Kind regards, and have a good "
        "week!"
    ),
    (
        "Hi there,  we are both in the Example Makers group.  I am gathering invented people for an "
        "invented round table this autumn, and I thought of you.  No strings attached, no pitch, just good "
        "company and cake."
    ),
    "I'm expanding my network of example specialists, let's connect!",
)
_PERSONAL = (
    (
        "Hi {first},  your talk at the Example Days made me rethink how we label our samples, especially "
        "the part on drift.  I work on the same question from the other side, and I would enjoy comparing "
        "notes some day."
    ),
    (
        "Dear {first},  a colleague pointed me to your article on invented data.  The second half is "
        "exactly what we struggle with at the moment.  May I follow what you write next?  Best wishes"
    ),
    (
        "Hello {first}, good to meet you at the demo day.  Here is the link-free version of my promise to "
        "stay in touch."
    ),
    (
        "Hi {first} – we sat at the same table at the Exämple Fest 🎉,  you explained the bridge puzzle and "
        "I still do not get it.  Let us stay in contact,  I owe you a coffee and, as it seems, an apology "
        "to your table."
    ),
    "{first}, thanks for your answer in the forum; it saved my afternoon.",
)
_RECEIVED = (
    (
        "Hello,  I enjoyed your post on example data and would like to read more of them.  I work in a "
        "related field and hope that we can exchange a thought or two.  Greetings from far away!"
    ),
    "Hi, we met at the Example Fest.  Let's connect.",
    (
        "Good day,  I am an invented person with an invented offer that is, I promise, of no use to you "
        "whatsoever.  Still,  my template says to write  'quick question'  at this point, so: quick "
        "question?"
    ),
)

TEMPLATES = range(1, 1 + len(_IDENTICAL))
"""Codes of notes that are the same for everybody."""
PERSONAL = range(TEMPLATES.stop, TEMPLATES.stop + len(_PERSONAL))
"""Codes of notes that address the other side by first name."""
RECEIVED = range(PERSONAL.stop, PERSONAL.stop + len(_RECEIVED))
"""Codes of notes that others wrote."""

_TEXTS = ("", *_IDENTICAL, *_PERSONAL, *_RECEIVED)


def note_text(code: int, first: str) -> str:
    """The note for a code and the first name of the other side; empty for `NO_NOTE`."""
    text = _TEXTS[code]
    return text.replace("{first}", first) if code in PERSONAL else text
