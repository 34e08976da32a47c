"""AgencyService and WorkService, implemented once for every agency.

servicer, work_servicer     the calls, each a table of contents
prepare                     form, digest and view of each item, before any transaction
assess, redecide            the two transactions that decide; both end in `record`
evaluate, leaf              rules → outcome → Decision bytes
record                      log, seal, decisions, waits and officers' work, in the deciding transaction
due, reassess, feed         who must be decided again, the loop that does it, and who hears of it
"""
