"""How long everything is kept, and the purge of what is past its time.

declared   what a service says of each of its tables, and which rows go together
rounds     finding, counting and removing them, in bounded transactions
evidence   what stays of purged decisions and of purged rows of the audit, so that both chains still verify
agencies   what the kit says of its own tables, for an agency
purging    the purge of one database, step by step
command    `python -m SERVICE --purge`
"""
