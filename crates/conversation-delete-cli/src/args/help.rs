//! What stands below the options in the help: examples, and what a reader of results must know.

pub(super) const PROGRAM: &str = "\
Try it, with no key and no network:
  conversation-delete demo

Delete (the vendor's credential comes from the environment, never from arguments):
  conversation-delete delete tavus --hard c123456
  conversation-delete delete corti --ids-from interactions.csv --dry-run
  jq -c '{id}' export.json | conversation-delete delete fini --ids-from - --yes --output json

Find what to delete, prove that it is gone:
  conversation-delete check corti
  conversation-delete list elevenlabs --until 90d > ids.txt
  conversation-delete delete elevenlabs --ids-from ids.txt --verify
  conversation-delete verify elevenlabs --ids-from ids.txt

Many records: plan, look at it, run it; run it again after a crash, a throttle or Ctrl-C:
  conversation-delete plan elevenlabs --until 90d --hold keep.txt --out old.job
  conversation-delete run old.job --verify
  conversation-delete status old.job
  conversation-delete export old.job --output csv > report.csv

Variables:
  corti       CORTI_ENVIRONMENT (eu, us), CORTI_TENANT_NAME, and either
              CORTI_CLIENT_ID with CORTI_CLIENT_SECRET, or CORTI_ACCESS_TOKEN
  fini        FINI_API_KEY
  elevenlabs  ELEVENLABS_API_KEY; ELEVENLABS_RESIDENCY (global, us, eu, in, sg)
  tavus       TAVUS_API_KEY
For a proxy or a fake in the vendor's place: CORTI_BASE_URL with CORTI_AUTH_URL, FINI_BASE_URL,
ELEVENLABS_BASE_URL, TAVUS_BASE_URL

Durations: numbers with w, d, h, m, s or ms, such as 500ms, 1.5s, 10m30s, 1d or 2w; a single
number without a unit is seconds

Exit codes:
  0  every id reached deleted, acknowledged or gone (or not_found with --absent-ok), or is held;
     nothing to delete; everything listed; everything absent
  1  a fault of the program
  2  wrong usage, bad configuration or bad input; nothing was sent
  3  finished, but some ids failed, were refused, not found, unresolved or could not be verified
  4  stopped before the end; run it again with the ids that were not attempted, or run the job again
  5  a safety check refused to go on (--max, --expect-count, the question was not answered with yes,
     the credential is of another tenant or region or not the one of the plan, the plan was changed,
     none of the first ids is there, all of several are absent without --all-absent-ok, or holds
     match nothing)
  6  the credential was refused, or lacks a permission; stopped at once
  7  verification found records still present";

pub(super) const DELETE: &str = "\
Input: one id a line; a table (`,` `;` tab) with a column id, conversation_id, conversationId,
interaction_id or interactionId; NDJSON objects with such a member; a JSON array. Two of these names
need --id-column NAME. An id that occurs twice is deleted once and reported once. An entry that is
not an id is refused by its line number, never sent, and the rest goes on. If not one entry is an
id, if the file is not text, or if rows would be lost, a message says why and nothing is sent.

Outcomes, one for each id:
  deleted        the vendor says that it removed this very record
  acknowledged   the vendor accepted the call, but would say the same of a record that never was
  gone           it is not there now, and an earlier attempt of this call may have removed it
  unresolved     Fini: its batch was answered 406: what was accessible is removed, something was
                 not (--one-by-one asks for each id by itself)
  not_found      the vendor sees no such record; a wrong tenant, region or key makes every id look
                 like this
  failed         see the message; `delivery` in the JSON says whether it may be deleted all the same
  refused        no id; never sent
  not_attempted  the run stopped before

Active records: before each delete, the program checks whether the call is still running
(ElevenLabs, Tavus) or a transcript is still being made (Corti). Such a record is not deleted,
because no vendor documents what happens to it then. The check costs a request for each id;
--allow-active leaves it out. Fini has no such state.

Proof: --verify looks at each record before and after. It deletes nothing where the credential may
not read, or where none of several ids is there, and no record that it could not look at. Seen
before and absent after is deleted, whatever the vendor said; what is still shown after its delete
ends the run with 7. At Fini each of the two looks reads the whole history of the workspace.

Ctrl-C (or SIGTERM) sends no more, waits for what is in flight and reports the rest as
not_attempted. A second Ctrl-C, at least a second later, stops the waiting, a third one ends the
program. A run also stops by itself, with exit code 4, after 25 calls in a row that failed for want
of a valid response (connect, timeout, connection, server, unexpected_response, rate_limited).

Children: --children (at Corti) deletes transcripts, recordings, documents and guided documents of
an interaction before it. All lists are read first. The interaction is kept if one of them cannot be
read, or if a child cannot be deleted or is still listed. --children=available goes on without
guided documents if their list responds with 403 or 404, and warns that such documents may be left.

More than 100 ids are a job: written to a file first, which is named on stderr, so that
`conversation-delete run FILE` goes on where this one ended, whatever ended it. The credential is
checked before; none of the first 20 ids there ends it with 5; a throttle or an outage of up to two
minutes is waited for, a longer one ends it with 4.

Examples:
  conversation-delete delete elevenlabs conv_01 conv_02
  conversation-delete delete tavus --soft --ids-from ids.txt --max 500
  conversation-delete delete corti --children --verify --ids-from interactions.csv
  conversation-delete delete fini --ids-from ids.csv --one-by-one --yes --output json > out.ndjson";

pub(super) const LIST: &str = "\
Of a record, its id, its times and its status are printed, and nothing of what was said in it.
The time that --since and --until are about is that of its creation (Corti, Tavus), of the start of
the call (ElevenLabs) or of the latest message (Fini).

What vendors can filter by, besides time:
  corti       --status (planned, in-progress, on-hold, completed, cancelled, deleted)
  fini        nothing
  elevenlabs  --agent, --user, --status (initiated, in-progress, processing, done, failed)
  tavus       --status (active, ended)

Nothing but the ids (or NDJSON objects with a field `id`) goes to stdout, so it can be handed to
`delete --ids-from -`. Do that by way of a file: then the list is complete before the first delete,
and you have seen it. The same record may come twice; delete sends it once. An end before the end of
the list is reported on stderr and by the exit code; what came before is true, but not all.

Examples:
  conversation-delete list corti --since 2026-01-01 --until 2026-04-01 > ids.txt
  conversation-delete list elevenlabs --agent agent_01 --until 90d --status done,failed
  conversation-delete list tavus --status ended | wc -l";

pub(super) const VERIFY: &str = "\
VerifyPolicy at each record, and sends nothing but reads. The input is that of `delete`.

  absent    the vendor says that there is no such record
  present   the vendor shows it
  unknown   nothing can be said: the credential may not read, the vendor failed, no answer came

Absent is what this credential sees, and no proof by itself: another workspace, tenant or region
says the same of every id. `delete --verify` sees each record before it deletes it.

No vendor says how fast a deletion shows in its reads. What is still there is looked at again, for
as long as --wait says. Fini has no look-up of one record that could be trusted: there the whole
history of the workspace is read, some 30 requests, for one id as for a thousand.

Exit codes: 0 all absent, 3 some unknown or refused, 4 stopped, 6 the credential was refused or may
not read, 7 some are still present.

A job file instead of the vendor: looks again at all that the job deleted, and keeps in the
file what it saw. The credential must be that of the plan.

Examples:
  conversation-delete verify tavus c123456 --wait 0
  conversation-delete verify old.job
  conversation-delete verify corti --ids-from interactions.csv --output json > proof.ndjson";

pub(super) const CHECK: &str = "\
Makes sure, without changing anything, that the credential works, may read, may delete as far as
that can be known, and belongs to the tenant, workspace or region that the environment names. A
workspace without any record is fine, with a warning: it may not be the one that was meant.

Exit codes: 0 fine, 2 the configuration is wrong, 4 no valid response, 5 the credential belongs
elsewhere, 6 the credential was refused or lacks a permission.

Example:
  conversation-delete check elevenlabs && conversation-delete list elevenlabs --until 90d > ids.txt";

pub(super) const PLAN: &str = "\
Which records: ids among the arguments or with --ids-from (one vendor), or all that a list finds
with --all, or with --since, --until, --status, --agent, --user as for `list` (one vendor or
several). A list that is not complete plans nothing.

The file holds the ids, where they are to be deleted (base URL, tenant or region, a fingerprint of
the credential, never the credential), how (--hard, --soft, --children, --allow-active), the ids
that are held, what was not an id, and a hash over all of it. Only its owner can read it. It is a
SQLite database.

Exit codes: 0 planned, 2 wrong usage or input, or the file exists, 3 planned, but some lines were
no ids, 4 the list broke off, 5 more than --max, or the wrong place, 6 the credential was refused.
Except for 0 and 3 no file is left; a plan that was killed leaves one that `run` refuses.

Examples:
  conversation-delete plan tavus --hard --ids-from ids.txt --out tavus.job
  conversation-delete plan corti elevenlabs --until 90d --hold litigation.csv --out old.job";

pub(super) const RUN: &str = "\
Each id is written down before its request leaves, and what became of it as soon as that is known.
After Ctrl-C, a crash or --deadline, run the same job again: it goes on where it was, and what was
in flight is found out. A job that is finished sends nothing.

Before the first delete the plan is checked against its hash and the environment, and the
credential as `check` does. A run stops by itself when the credential is refused, when every other
call would fail alike, and when none of the first ids is there, which looks like the wrong
workspace. A throttle or an outage is waited for, and makes no id fail. One that fails again and
again while the vendor is well otherwise has failed: --retry-failed tries it once more.

The environment must name the planned target: base URL with its path prefix, tenant or region, and
credential. --accept-credential goes on with a rotated key, if it shows a record that is still to
be deleted; --expect-hash refuses another plan than the one that was looked at.

Ctrl-C (or SIGTERM) sends no more and waits for what is in flight. A second Ctrl-C, at least a
second later, stops the waiting, a third one ends the program.

Exit codes: 0 every id is deleted, acknowledged or gone (or not found with --absent-ok), 2 wrong
usage, or somebody runs it already, 3 finished, but not every id reached that, 4 stopped, run it
again, 5 a safety check refused, 6 the credential was refused, 7 records are still present.

Examples:
  conversation-delete run old.job --verify --rate 10
  conversation-delete run old.job --hold litigation.csv
  conversation-delete run old.job --yes --expect-count 12000 --deadline 6h --output json";
