"""Rules of the user's own: a plain function as a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs

from invitekit.errors import InvitekitError, PolicyError
from invitekit.model import UNKNOWN, Invitation, Truth
from invitekit.rules._reason import Scalar, saying
from invitekit.rules._rowtest import Ask, Test
from invitekit.rules._rule import Leaf, Rule
from invitekit.rules._sight import Sight

__all__ = ["Own", "rule", "safely"]


@attrs.frozen(repr=False)
class Own(Leaf):
    """See `rule`."""

    function: Callable[..., Any]
    why: str
    arity: int = attrs.field(eq=False)
    name: ClassVar[str] = "rule"

    @property
    def arguments(self) -> dict[str, Any]:
        """The function and the reason; code, so a document cannot hold it."""
        return {"function": self.function, "reason": self.why}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Ask the function."""
        return Ask(self._asker(sight), Truth.of(truth))

    def _asker(self, sight: Sight) -> Callable[[Invitation], Truth]:
        function = safely(
            self.function, what=f"the rule {self.title}", hint="Return UNKNOWN where the function cannot tell"
        )
        both = self.arity > 1

        def ask(invitation: Invitation) -> Truth:
            answer = function(invitation, sight) if both else function(invitation)
            if answer is True or answer is False:
                return Truth.of(answer)
            if answer is UNKNOWN or isinstance(answer, Truth):
                return Truth.UNKNOWN if answer is UNKNOWN else answer
            raise PolicyError(
                f"the rule {self.title} answered {type(answer).__name__} on the invitation {invitation.id}",
                hint="A rule answers True, False or UNKNOWN; wrap the answer in bool(…) if that is what it means",
                code="rule-failed",
            )

        return ask

    @property
    def title(self) -> str:
        """The function's name."""
        return getattr(self.function, "__qualname__", None) or type(self.function).__name__

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The function, and the reason it was given."""
        return {"function": self.title, "reason": self.why}

    def __repr__(self) -> str:
        return f"r.rule({self.title}, reason={self.why!r})"


def rule(function: Callable[..., Any], *, reason: str = "") -> Rule:
    """Make a rule of a plain function.

    Args:
        function: Takes an invitation, or an invitation and a context (tags, kept, contacts, withdrawn_before,
            ``now`` and all the invitations), and answers True, False or `UNKNOWN`. It is asked about each
            invitation at most a few times and should answer the same each time. A second parameter with a default
            keeps its default.
        reason: Why it answers true, for people; the function's name when not given.

    Raises:
        PolicyError: It cannot be called that way.
    """
    import inspect

    if not callable(function):
        raise PolicyError(f"rule takes a function, got {type(function).__name__}", hint="For instance a lambda")
    if inspect.iscoroutinefunction(function):
        raise PolicyError("rule takes a plain function, not an async one", hint="Look things up before you plan")
    try:
        hash(function)
    except TypeError:
        raise PolicyError(
            f"the {type(function).__name__} given as a rule cannot be hashed, and rules are compared by value",
            hint="Wrap it: lambda invitation: given(invitation)",
        ) from None
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = None
    arity = 1 if signature is None else _fits(signature)
    if not arity:
        raise PolicyError(
            "the function must take an invitation, or an invitation and a context",
            hint="For instance lambda invitation, context: …",
        )
    title = getattr(function, "__qualname__", None) or type(function).__name__
    return Own(function, reason or title, arity)


def safely(function: Callable[..., Any], *, what: str, hint: str) -> Callable[..., Any]:
    """Wrap a function of the user's, which takes an invitation first: what it raises becomes a `PolicyError`.

    Args:
        function: The function.
        what: What it is, for the error.
        hint: What it should do instead of raising.
    """

    def call(invitation: Invitation, *more: Any) -> Any:
        try:
            return function(invitation, *more)
        except InvitekitError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises
            # Not chained: what the function said may hold the note it looked at.
            raise PolicyError(
                f"{what} failed on the invitation {invitation.id} with {type(error).__name__}{_last_line(error)}",
                hint=hint,
                code="rule-failed",
            ) from None

    return call


def _last_line(error: BaseException) -> str:
    """Where an error was raised: file and line, without what it says."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return "" if place is None else f" in {place.tb_frame.f_code.co_filename}, line {place.tb_lineno}"


def _fits(signature: Any) -> int:
    """How many positional arguments it needs, one or two; 0 for neither.

    One is tried first: ``lambda invitation, limit=5: …`` has its second argument already.
    """
    for arity in (1, 2):
        try:
            signature.bind(*range(arity))
        except TypeError:
            continue
        return arity
    return 0


@saying("rule")
def _say_own(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return {
        Truth.TRUE: f"{facts['reason']}",
        Truth.FALSE: f"not: {facts['reason']}",
        Truth.UNKNOWN: f"cannot tell: {facts['reason']}",
    }[truth]
