"""What no policy ever selects: what is marked or known, too young, of unknown age, or nothing to decide about."""

from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import assume, given, settings
from tests.strategies import NOW, ROOMY, Case, cases

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import Direction, Evidence, Truth
from invitekit.policy import Context, Verdict

SELECTED = (Verdict.WITHDRAW, Verdict.DEFER)
SOME_AGE = [timedelta(days=14), timedelta(days=2), timedelta(days=35), timedelta(minutes=1)]


@settings(max_examples=max(1000, settings().max_examples))
@given(cases(smallest=1, min_ages=SOME_AGE))
def test_protected_invitations_are_never_selected(case: Case) -> None:
    """Keep-marks, contacts (where contacts are kept), less than `min_age`, unknown age: never selected.

    Nor whoever *may* be marked or known but cannot be compared, nor what may have been accepted already.
    """
    try:
        policy = attrs.evolve(case.policy, keep=case.policy.keep | r.known_contact(), limits=ROOMY)
    except PolicyError:
        assume(False)  # It withdraws contacts only, and so would contradict itself.
    known = case.context.resolve(case.snapshot.connections)

    verdicts = case.plan(policy).decisions.verdicts()
    for invitation in case.snapshot.invitations:
        if verdicts[invitation.id] not in SELECTED:
            continue
        assert known.kept.holds(invitation.member) is Truth.FALSE
        assert known.contacts.holds(invitation.member) is Truth.FALSE
        assert invitation.sent_at.is_known
        assert NOW - invitation.sent_at.latest > policy.min_age
        assert invitation.direction is Direction.SENT
        assert invitation.status.is_open
        assert invitation.evidence not in (Evidence.AMBIGUOUS_NAME, Evidence.NO_CONNECTIONS)


@settings(max_examples=max(200, settings().max_examples // 2))
@given(cases(smallest=1))
def test_marking_somebody_protects_them_and_selects_nobody_else(case: Case) -> None:
    """Marking all who have a slug protects them; who cannot be compared becomes undecided, never selected anew."""
    policy = attrs.evolve(case.policy, limits=ROOMY)
    marked = [item.member.slug for item in case.snapshot.invitations if isinstance(item.member.slug, str)]
    context = Context(**{**case.parts, "kept": [*case.parts["kept"], *marked]})

    before = case.plan(policy).decisions.verdicts()
    after = case.plan(policy, context=context).decisions.verdicts()

    for item in case.snapshot.invitations:
        if item.member.slug in marked:
            assert after[item.id] not in SELECTED
        if after[item.id] in SELECTED:
            assert before[item.id] in SELECTED
