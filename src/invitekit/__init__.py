"""Which of your pending LinkedIn invitations to withdraw, and why.

    snapshot = invitekit.read_export("Basic_LinkedInDataExport_11-22-2026.zip")
    plan = invitekit.Policy.default().plan(snapshot)
    plan.worklist().save("withdraw.html")

Everything here is loaded when it is first used, so importing the package costs next to nothing.
"""
