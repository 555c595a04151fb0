"""Everything the client takes for granted about MsgFlash without a page of the documentation that says so.

`docs/what-we-do-not-know.md` has one section for each name here, with what happens if it is wrong; a test compares the two.
"""

API_PREFIX = "/api/v1"

# The page on authentication gives this form for personal keys, and only the beginning for team keys.
PERSONAL_KEY = r"msgf_live_[0-9a-f]{64}"
TEAM_KEY_PREFIX = "msgf_team_"

# The page of the public API lists no list of campaigns. The console has one; where it is there all the same, its envelope may be
# any that other lists use.
CAMPAIGNS_LIST_PARAMETERS = {"limit": "100"}
LIST_NAMES = ("data", "items", "results", "rows")

# Documented: `limit` and `cursor`. In which order messages come is not: taken for newest first.
MESSAGES_LIST_PARAMETERS = {"limit": "100"}

# A plain list says nothing about more pages. One whose length looks like a full page is asked for its next page.
PLAIN_LIST_MAY_BE_A_PAGE_FROM = 20
PLAIN_LIST_PAGE_MULTIPLE = 5

# The console cancels; no page documents the call. 404 or 405 on it: there is none, campaigns stay paused.
CANCEL_ROUTE = "cancel"

# Documented: 10 requests per second per key. Over which second the vendor counts is not: no second sees more than 10.
SECONDS_BETWEEN_REQUESTS = 0.105

# Whether a 429 carries Retry-After is not documented. Honoured up to this many seconds, otherwise growing pauses.
LONGEST_RETRY_AFTER = 30.0

# A 4xx refuses and does nothing; this is HTTP's meaning, the documentation does not say it for creates. 408 and 425 are
# written by proxies about requests that may have gone through.
DEFINITE_REFUSALS = frozenset(range(400, 500)) - {408, 425}

# The largest answer that is read, in bytes: a plain list of 10,000 campaigns with long texts is about 20 MB. Small values take
# far more memory than text, so how many there may be is bounded too, by the marks between them (`[`, `{`, `,`, `:`).
LARGEST_ANSWER = 24 * 1024 * 1024
MOST_MARKS = 2_000_000
# The same for a whole list, of all its pages: ten minutes of pages at our pace hold 600,000 contacts, which are some 150 MB.
LARGEST_LISTING = 200 * 1024 * 1024
MOST_ITEMS = 1_000_000
MOST_PAGES = 10_000
MOST_BARREN_PAGES = 3

# `templateVariables` of an answer is what was written as `variables`; answers under the written name are understood too.
VARIABLES_IN_ANSWERS = ("templateVariables", "variables")
