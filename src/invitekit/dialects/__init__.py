"""How each outside source spells invitations: text in, values out, and no file or network anywhere.

`invitekit.dialects.export` reads the two CSV files of a member data export.
`invitekit.dialects.unipile` speaks to the HTTP service of Unipile, version 1, and to those compatible with it.
"""
