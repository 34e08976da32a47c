"""A district's certificates over their life: made, exchanged, shut out, shown. `python -m agencykit.certifying --help`.

acts     what is done to files of the folder that holds the authority
denied   who is shut out before his certificate ends
terms    how long one is in force
shown    what there is, for people and scripts
"""
