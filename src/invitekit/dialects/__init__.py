"""How each outside source spells invitations: text in, values out, and no file or network anywhere.

`invitekit.dialects.export` reads the two CSV files of a member data export.
"""
