#!/usr/bin/env python3
"""Renames of the areas "sim", "check" and "live" (and of `lab/src/env`), with all call sites.

Run in the root of a clean checkout, before or after the scripts of other areas:

    python3 renames/names-2.py          # renames, moves files, and runs `cargo fmt --all`

How it works: every tracked `.rs` file is split into code, strings and comments. Rules apply to code;
to code spans, links and code blocks of comments; and to names inlined in format strings (`{name}`).
All other text of strings and comments stays as it is.

Choices that differ from NAMES.md, or are not in it:
- `Misfit` -> `InjectError`, not `FaultRefused`: requests and request numbers are refused as well, and
  an error is named after its operation (`inject`, `inject_request`). Its variants in `RunError` and
  `FaultError` are `Refused`.
- `Fault::Weather` -> `SetConditions`, not `SetLink`: it sets the `Conditions` of all links, and
  `Fault::Link` exists.
- `CrashMoment` -> `CrashPoint` as well, and the fields `moment`, `crash_moments` with it: `Moments`
  becomes `CrashPoints`, and these are one thing.
- `Patience` -> `RetryPolicy`: so the field and the setter are `retry_policy`.
- `Asking` of `sim` -> `ClientRequest`; so live's `Petition` is just `Request`, its `Answered` a
  `Response`, its `Letter` an `Envelope` as in `sim` and `check`.
- `telling.rs`, `untold.rs` -> `tracing_events.rs`, `tracing_off.rs`: a module `tracing` at the root of
  the crate would have the name of the crate that it uses.
- `Verdict` -> `RunVerdict` (sim), `SearchVerdict` (check); `Report` -> `SearchReport` (check),
  `RunReport` (live); `Failure` (live) -> `NodeFailure`; `Queue` (check) -> `Frontier`; `Claim` (wal) ->
  `DirectoryLock`; `Post` (check) -> `SentAt`. The other types of these names are in other areas.
- `Walk` -> `RandomWalk`, `Stroll` -> `WalkState`, `Aim` -> `WalkGoal`.
- `Hands` -> `SendContext`, as `Context` is spelled out elsewhere.
- `Tally` -> `ClientStats` in `sim` and, as `ClientTally`, in `live`; so `NodeTally` -> `NodeStats`.
"""

import fnmatch
import re
import subprocess
import sys

# --- Text ---------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<raw>b?r(?P<hash>\#*)".*?"(?P=hash))
      | (?P<str>b?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|.)|[^\\'\n])')""",
    re.X | re.S,
)
INLINE = re.compile(r"(?<!\{)\{([a-z_][a-z0-9_]*)(?=[:}])")
SPAN = re.compile(r"`[^`\n]+`|\[[^\]\n]*::[^\]\n]*(?=\])|\]\([^)\s]*\)|\]: .*")


def spans(text, rename):
    return SPAN.sub(lambda span: rename(span[0]), text)


def rewrite(text, rename):
    """Applies a renaming of code to a file."""
    kept = []

    def keep(token):
        kept.append((token.lastgroup if token.lastgroup != "hash" else "raw", token[0]))
        return f"\uE000{len(kept) - 1}\uE001"

    code = TOKEN.sub(keep, text)
    new = rename(code)
    # Whether a code block is in Rust; `None` outside of blocks.
    fenced, done = None, []
    for kind, piece in kept:
        if kind == "line":
            for old, better in PROSE:
                piece = piece.replace(old, better)
            if piece.startswith(("///", "//!")):
                body = piece[3:].strip()
                if body.startswith("```"):
                    fenced = None if fenced is not None else not re.search(r"text|toml|sh|json", body)
                elif fenced is False:
                    pass
                elif fenced:
                    # Strings in documentation examples stay as they are, too.
                    piece = rewrite_line(piece, rename)
                else:
                    piece = spans(piece, rename)
            else:
                piece = spans(piece, rename)
        elif kind == "block":
            piece = spans(piece, rename)
        elif kind in ("str", "raw"):
            piece = INLINE.sub(lambda found: "{" + rename_word(found[1], rename), piece)
        done.append(piece)
    return re.sub("\uE000(\\d+)\uE001", lambda found: done[int(found[1])], new)


def rewrite_line(line, rename):
    mark, body = line[:3], line[3:]
    strings = []

    def keep(token):
        strings.append(token[0])
        return f"\uE000{len(strings) - 1}\uE001"

    body = rename(re.sub(r'"(?:\\.|[^"\\])*"', keep, body))
    return mark + re.sub("\uE000(\\d+)\uE001", lambda found: strings[int(found[1])], body)


def rename_word(word, rename):
    new = rename(word)
    return new if re.fullmatch(r"[a-z_][a-z0-9_]*", new) else word


# Words of comments that name the things.
PROSE = [
    ("──petitions──▶", "──requests───▶"),
    ("◀──answers──── ", "◀──responses── "),
    ("──letters──▶ other", "──messages──▶ other"),
    ("◀─letters───", "◀─messages───"),
    ("one parcel to each who is spoken to", "one input to each recipient"),
    ("Waits for the next parcel", "Waits for the next input"),
    ("The next parcel that", "The next input that"),
    ("[calmed](Conditions", "[healed](Conditions"),
    ("the clients that were [prompted](World", "clients whose requests were [injected](World"),
    ("[shared](Self::share)", "[mapped](Self::share)"),
    ("Extra delay of a straggler.", "The extra delay."),
    ("loss, duplication and stragglers", "loss, duplication and extra delays"),
    ("loss, duplication, latency and stragglers", "loss, duplication, latency and extra delays"),
    ("Locks the place,", "Locks the slot,"),
    ("Sends an order with a reply channel", "Sends a query with a reply channel"),
    ("A control order of the cluster to a node's thread", "A control message of the cluster to a node's thread"),
    ("A control order of the cluster", "A control message of the cluster"),
    ("It answers once it has obeyed,", "It answers once that is done,"),
    ("two tills that record", "two registers that record"),
    ("A message between the tills.", "A message between the registers."),
    ("Both tills have", "Both registers have"),
    ("Redirect to the other till.", "Redirect to the other register."),
    ("that a till has recorded", "that a register has recorded"),
    ("One of two tills.", "One of two registers."),
    ("draws the fate of every message", "decides the delivery of every message"),
    ("The fate of a message that is sent.", "Decision about a message that is sent."),
    ("Draws the fate of", "Decides the delivery of"),
    ("Queue of the states to be checked", "The frontier: states to be checked"),
    ("A part with its fingerprints", "A value with its fingerprints"),
    ("of each shard of a pool. A part whose", "of each shard. A value whose"),
    ("keeps parts as far as there is room. Any number of threads may read and add parts:", "keeps values as far as there is room. Any number of threads may read and add them:"),
    ("Returns the interned part that is equal to this one, or a new part.", "Returns the interned value that is equal to this one, or a new one."),
    ("only the state keeps this part", "only the state keeps this value"),
    ("so that they collide in the pool", "so that they collide"),
]

# --- Rules --------------------------------------------------------------------------------------

RULES = []


def matches(path, globs):
    return any(fnmatch.fnmatch(path, glob) for glob in globs)


def add(apply, where, but=()):
    where = (where,) if isinstance(where, str) else tuple(where)
    but = (but,) if isinstance(but, str) else tuple(but)
    RULES.append((apply, where, but))


def rx(pattern, new, where, but=()):
    """A regular expression."""
    compiled = re.compile(pattern, re.M)
    add(lambda path, facts: (lambda code: compiled.sub(new, code)), where, but)


VARIANT = re.compile(r"\b[A-Z]\w*(::<[^<>]*>)?::$")


def words(pairs, where, but=()):
    """Whole words, all at once."""
    table = dict(pair.split(">") for pair in pairs.split())
    # Modules are renamed with their files.
    compiled = re.compile(r"(?<!mod )\b(" + "|".join(sorted(table, key=len, reverse=True)) + r")\b(?P<path>::(?!<))?")

    def new(found, within):
        before = found.string[max(0, found.start() - 80) : found.start()]
        if found["path"] and found[1][0].islower():
            return found[0]
        # Outside of the library it is a variant of another's.
        if not within and found[1][0].isupper() and VARIANT.search(before):
            return found[0]
        return table[found[1]] + (found["path"] or "")

    add(lambda path, facts: (lambda code: compiled.sub(lambda found: new(found, path.startswith("lab/src/")), code)), where, but)


def free_words(pairs, where, but=(), importing=None):
    """Names of variables, in files that do not use the new name for anything else."""
    for old, new in (pair.split(">") for pair in pairs.split()):
        word = re.compile(rf"(?<!::)(?<!mod )\b{old}\b(?!::)")

        def apply(path, facts, old=old, new=new, word=word):
            if new in facts["names"]:
                return lambda code: code
            if importing and not any(
                full[-1] == importing[0] and any(part in importing[1] for part in full[:-1]) for full in facts["uses"]
            ):
                return lambda code: code
            return lambda code: word.sub(new, code)

        add(apply, where, but)


def imported(pairs, origins, inside):
    """Types: in the files `inside`, and wherever they are imported or named from one of `origins`."""
    for old, new in (pair.split(">") for pair in pairs.split()):
        word = re.compile(rf"\b{old}\b")
        origin = "|".join(origins)
        qualified = re.compile(rf"\b((?:{origin})(?:::[a-z_]+)*::){old}\b")

        def apply(path, facts, old=old, new=new, word=word, qualified=qualified):
            if matches(path, inside) or any(
                full[-1] == old and any(part in origins for part in full[:-1]) for full in facts["uses"]
            ):
                # Elsewhere-qualified types of the same name stay.
                path_of_another = rf"(?<![A-Za-z_:])(?!(?:{'|'.join(origins)}|super|self|crate)::)[a-z_]+::{old}\b"
                variant = rf"|\b[A-Z]\w*(?:::<[^<>]*>)?::{old}\b"
                foreign = re.compile(path_of_another + ("" if matches(path, inside) else variant))

                def go(code):
                    saved = []

                    def keep(found):
                        saved.append(found[0])
                        return f"\uE002{len(saved) - 1}\uE003"

                    code = word.sub(new, foreign.sub(keep, code))
                    return re.sub("\uE002(\\d+)\uE003", lambda found: saved[int(found[1])], code)

                return go
            return lambda code: qualified.sub(rf"\g<1>{new}", code)

        add(apply, "*")


FIELD = re.compile(r"((?:\s|\uE000\d+\uE001|#\[[^\]]*\])*(?:pub(?:\([a-z]+\))? )?)([a-z_]+)(\s*)(:(?!:)|$)")


def fields(struct, pairs, where="*", but=()):
    """Fields in literals and patterns of a struct or variant (and in its definition)."""
    table = dict(pair.split(">") for pair in pairs.split())
    head = re.compile(rf"\b{struct}(?:::<[^<>{{}}]*>|<[^{{}};()]*>)?\s*\{{")

    def go(code):
        edits = {}
        for found in head.finditer(code):
            depth, place, start = 1, found.end(), found.end()
            while place < len(code) and depth:
                char = code[place]
                depth += (char in "([{") - (char in ")]}")
                if depth == 0 or (depth == 1 and char == ","):
                    field = FIELD.match(code[start:place])
                    if field and field[2] in table:
                        new = table[field[2]] + ("" if field[4] else f": {field[2]}")
                        edits[start + field.start(2)] = (start + field.end(2), new)
                    start = place + 1
                place += 1
        for begin in sorted(edits, reverse=True):
            end, new = edits[begin]
            code = code[:begin] + new + code[end:]
        return code

    add(lambda path, facts: go, where, but)


MOVES = []


def move(old, new):
    """A module's file or folder, with its `mod`, `use` and `#[path]`."""
    MOVES.append((old, new))


ENV, SIM, CHECK, LIVE = "lab/src/env/*", "lab/src/sim/*", "lab/src/check/*", "lab/src/live/*"
# Where `Dice` is a type of the tests' own.
OWN_DICE = ("raft/*", "paxos/*")

# --- env, sim -----------------------------------------------------------------------------------

words("Storm>FaultPlan Misfit>InjectError", "*", "exercises/course/*")
rx(r"\b(storm|fault_plan)(\(\))?\.plan\(", r"\1\2.schedule(", "*")
rx(r"\b(harsh|mild|none)\(\)\.plan\(", r"\1().schedule(", "*")
rx(r"\bpub fn plan\b", "pub fn schedule", "lab/src/env/*")
words("storm>fault_plan", (ENV, "lab/src/live/setup.rs"))
rx(r"\.storm\(&", ".fault_plan(&", "*")
rx(r"\bFault::Weather\b", "Fault::SetConditions", "*")
rx(r"^    Weather\(", "    SetConditions(", "lab/src/env/fault.rs")
words("weather>conditions", "lab/src/sim/world.rs")
words("befall>apply_fault", (SIM, LIVE))
rx(r"\b(Halt|RunError|FaultError)::(?:Misfit|InjectError)\b", r"\1::Refused", "*")
rx(r"^    InjectError\(InjectError\)", "    Refused(InjectError)", (SIM, LIVE))
words("Halt>RunError", "*", "exercises/course/*")
words("misfit>refused", (SIM, LIVE))
free_words("misfit>refused", "*")
words("strikes>applies strikes_in>applies_in", (ENV, LIVE, SIM))
words("doom>pending_crash doomed>crash_pending", (SIM, LIVE))
words("Mishap>MessageFault MishapKind>MessageFaultKind mishap>message_fault mishaps>message_faults", "*")
rx(r"\b(MishapKind|MessageFaultKind)::Repeated\b", r"\1::Duplicated", "*")
rx(r"\b(MishapKind|MessageFaultKind)::Straggled\b", r"\1::Delayed", "*")
rx(r"^    Repeated,", "    Duplicated,", "lab/src/sim/network.rs")
rx(r"^    Straggled,", "    Delayed,", "lab/src/sim/network.rs")
words("Omen>FaultFilter Journal>MessageFaultLog journal>fault_log omen>filter befalls>happens", SIM)
rx(r"^    Chance,", "    Random,", "lab/src/sim/network.rs")
rx(r"^    Lose,", "    Drop,", "lab/src/sim/network.rs")
rx(r"^    Take\(Duration", "    After(Duration", "lab/src/sim/network.rs")
rx(r"^    Repeat\(Duration", "    Duplicate(Duration", "lab/src/sim/network.rs")
for old, new in [("Chance", "Random"), ("Lose", "Drop"), ("Take", "After"), ("Repeat", "Duplicate")]:
    rx(rf"\bFate::{old}\b", f"Fate::{new}", "*", ("lab/src/trace/*",))
imported("Fate>Delivery", ("sim", "network"), (SIM,))
words("Passing>InFlight", "*", "exercises/course/*")
words("fate>delivery", SIM)
words("straggle>extra_delay straggling>extra_delay_rate", "*", "exercises/course/*")
words("straggles>delayed", ENV)
rx(r"\.straggles\b", ".delayed", SIM)
words("calmed>healed", "*", "exercises/course/*")
imported("Patience>RetryPolicy", ("sim", "env", "retry"), (ENV, SIM))
words("roams>rotates set_patience>set_retry_policy", "*", "exercises/course/*")
words("patience>retry_policy", (ENV, SIM))
rx(r"\bDue::(?:Patience|RetryPolicy)\b", "Due::ClientTimeout", SIM)
rx(r"^    RetryPolicy \{", "    ClientTimeout {", "lab/src/sim/core.rs")
rx(
    r"\.patience\((?!cx|self)",
    ".retry_policy(",
    "*",
    ("lease/src/*", "paxos/*", "exercises/src/asking/*", "exercises/tests/students/*", "exercises/course/*"),
)
fields("Setup", "patience>retry_policy by_hand>manual")
words("lose_patience>on_timeout", SIM)
words("Census>Coverage census>coverage", "*", "exercises/course/*")
rx(r"\.tally\((?=[^)])", ".client_stats(", "*", ("raft/*", "paxos/*"))
rx(r"\bfn tally\b", "fn client_stats", "lab/src/sim/inspect.rs")
words("tally>stats", SIM)
imported("Tally>ClientStats", ("sim", "client"), (SIM,))
imported("Asking>ClientRequest", ("sim", "experiment"), (SIM,))
words("askings>requests", "*", "exercises/course/*")
rx(r"(?<!::)\basking\b(?!::)", "request", (SIM, "lab/tests/sim/*"))
free_words("asking>request", "*", importing=("Asking", ("sim",)))
imported("Dice>Rng", ("sim", "env", "dice", "rng"), (ENV, SIM, "exercises/src/*", "lab/src/check/*", LIVE))
rx(r"\brand_core::\{Rng, SeedableRng\}", "rand_core::{Rng as _, SeedableRng}", "lab/src/env/dice.rs")
words("dice>rng", "*", OWN_DICE + ("exercises/course/*", "lab/src/env/mod.rs"))
words("Agenda>EventQueue agenda>queue", SIM)
rx(r"\b(queue|agenda)\.plan\(", r"\1.schedule(", SIM)
rx(r"\bfn plan\b", "fn schedule", "lab/src/sim/agenda.rs")
words("plan_in>schedule_in", SIM)
rx(r"\btimers::Due as TimerDue\b", "timers::Expiry", SIM)
words("TimerDue>Expiry", SIM)
words("Due>Expiry", "lab/src/sim/timers.rs")
words("Due>Scheduled", SIM, "lab/src/sim/timers.rs")
words("hasten>fire_next", "*", "exercises/course/*")
rx(r"\basking\.prompt\b|\brequest\.prompt\b", "client.register_injected", SIM)
rx(r"\b(?:asking|request)\.prompt_as\b", "client.register_injected_as", SIM)
rx(r"\blet request = self\.clients\.get_mut\(client\.index\(\)\)", "let client = self.clients.get_mut(client.index())", SIM)
rx(r"\bfn prompt\b", "fn register_injected", "lab/src/sim/client.rs")
rx(r"\bfn prompt_as\b", "fn register_injected_as", "lab/src/sim/client.rs")
words("prompted>injected has_prompted>has_injected may_prompt>can_inject_request", SIM)
words("prompt>inject_request prompt_as>inject_request_as", SIM)
rx(r"\.prompt\(", ".inject_request(", "*", "exercises/course/*")
rx(r"\.prompt_as\(", ".inject_request_as(", "*")
words("put>deliver_request", ("lab/src/sim/world.rs", "lab/src/sim/by_hand.rs"))
words("landed>remove_in_flight took_off>add_in_flight set_out>schedule_delivery", SIM)
words("storm>fault_window calm>recovery_window", ("lab/src/sim/experiment.rs", "lab/src/sim/shrink.rs"))
fields("Experiment", "storm>fault_window calm>recovery_window", "*")
rx(r"\b(planned|whole|book|with_bug|experiment)\.storm\b", r"\1.fault_window", "*")
rx(r"\b(planned|whole|book|with_bug|experiment)\.calm\b", r"\1.recovery_window", "*")
words("by_hand>manual", SIM)
rx(r"\.by_hand\(", ".manual(", "*")
free_words("by_hand>manual", "*", "lab/src/script/*")
words("Heading>RuleSpan headings>rule_spans heading>rule_span note_headings>note_rule_spans", SIM)
imported("Waiting>HeldMessage", ("sim", "by_hand", "manual"), (SIM,))
rx(r"\bfn waiting\b", "fn held_messages", SIM)
rx(r"\b(world|network)\.waiting\(\)", r"\1.held_messages()", "*")
words("waiting_since>held_since", "*")
words("breaks_noting>find_violation", SIM)
rx(r"\.run_out\(\)", ".run_to_end()", "*", LIVE)
rx(r"\bfn run_out\b", "fn run_to_end", "lab/src/sim/experiment.rs")
words("conduct>execute weather>drive", "lab/src/sim/experiment.rs")
words("judge>check_invariants", ("lab/src/sim/step.rs", "lab/src/sim/befall.rs", "lab/src/sim/world.rs"))
words("judge_answers>check_replies", "*")
imported("Verdict>RunVerdict", ("sim", "experiment"), (SIM,))
words("CrashMoment>CrashPoint crash_moments>crash_points", "*")
words("moment>point", ("lab/src/sim/befall.rs", "lab/src/live/crew/faults.rs", "lab/src/env/fault.rs", "lab/src/env/storm.rs"))
fields("Crash", "moment>point", "*")

# --- check --------------------------------------------------------------------------------------

words("Alike>Symmetric", "*", "exercises/course/*")
imported("Shared>SyncMachine", ("check",), (CHECK,))
words("Moments>CrashPoints", "*", "exercises/course/*")
imported("Walk>RandomWalk Aim>WalkGoal", ("check", "walk"), (CHECK,))
words("Stroll>WalkState stroll>walk", CHECK)
words("Asleep>SleepSet asleep>sleep_set asleep_after>sleep_set_after", CHECK)
rx(r"\bsleep_set\.has\(", "sleep_set.contains(", CHECK)
rx(r"\bsleep_set\.put\(", "sleep_set.insert(", CHECK)
rx(r"\bfn has\b", "fn contains", "lab/src/check/cluster/order.rs")
rx(r"\bfn put\b", "fn insert", "lab/src/check/cluster/order.rs")
words("Ancestry>Predecessors ancestry>predecessors", CHECK)
words(
    "Harvest>ExpansionBuffer harvest>buffer harvests>buffers Find>Successor finds>successors Sieve>SeenFilter "
    "sieve>filter News>NewStates news>new_states Remarks>BatchStats remarks>stats Question>BatchJob question>job "
    "reap_alone>expand_sequential reap_together>expand_parallel gather>expand go_on>push_successors sift>filter "
    "sifted>filtered deal>partition hand_on>finish reaped>expanded",
    ("lab/src/check/harvest.rs", "lab/src/check/engine.rs"),
)
rx(r"(?<![.])\bfind\b(?!\()", "successor", "lab/src/check/harvest.rs")
rx(r"\bfn reap\b", "fn expand", "lab/src/check/engine.rs")
rx(r"\bself\.reap\(", "self.expand(", "lab/src/check/engine.rs")
rx(r"\bfn enter\b", "fn insert_all", "lab/src/check/harvest.rs")
rx(r"(?<![.\w])enter\(", "insert_all(", "lab/src/check/harvest.rs")
rx(r"\bfetch\b", "prefetch", (CHECK,))
words("Crew>WorkerPool crew>workers", CHECK)
rx(r"\bworkers\.share\(", "workers.map(", CHECK)
rx(r"\bworkers\.lead\(", "workers.install(", CHECK)
rx(r"\bfn share\b", "fn map", "lab/src/check/crew.rs")
rx(r"\bSelf::share\b", "Self::map", "lab/src/check/crew.rs")
rx(r"\[shared\]", "[mapped]", "lab/src/check/crew.rs")
rx(r"\bfn lead\b", "fn install", "lab/src/check/crew.rs")
words("PATIENCE>SPIN_LIMIT stay_awake_until>spin_until", "lab/src/check/crew.rs")
rx(r"\b([A-Z]\w*::new\(\d\)|pool)\.share\(", r"\1.map(", "lab/src/check/crew.rs")
rx(r"\bstruct Alike|\bstruct Symmetric\b", "struct SameHash", "lab/src/check/cluster/parts.rs")
words("Symmetric>SameHash", "lab/src/check/cluster/parts.rs")
words("Part>Interned Pool>Interner Shelf>Shard SHELVES>SHARD_SIZES", "lab/src/check/cluster/*")
rx(r"\bfn part\b", "fn intern", "lab/src/check/cluster/parts.rs")
rx(r"(?<!\.)\bpart\b", "interned", "lab/src/check/cluster/parts.rs")
words("shelf>shard it>value pool>interner", "lab/src/check/cluster/parts.rs")
rx(r"\.part\(", ".intern(", "lab/src/check/cluster/*")
words("Left>RemainingBudget", "lab/src/check/cluster/*")
words("left>budget", ("lab/src/check/cluster/*",))
rx(r"\.follow\((?=&?path\))", ".replay_under(", "*")
rx(r"\bfn follow\b", "fn replay_under", "lab/src/check/cluster/follow.rs")
words(
    "Post>SentAt our_post>our_sent_at their_post>their_sent_at Given>InputKey given>input_key letter>message_key "
    "is_alike>corresponds followed>replayed",
    "lab/src/check/cluster/follow.rs",
)
rx(r"\bInputKey::Letter\b", "InputKey::Message", "lab/src/check/cluster/follow.rs")
rx(r"^    Letter\(", "    Message(", "lab/src/check/cluster/follow.rs")
words("Told>HostTrace", "lab/src/check/cluster/replay.rs")
words("Taken>StepContext taken>step", "lab/src/check/cluster/explore.rs")
rx(r"\bNothingToBeginWith\b", "NoInitialState", "*")
words("Queue>Frontier", CHECK)
imported("Verdict>SearchVerdict Report>SearchReport", ("check", "report"), (CHECK,))

# --- live ---------------------------------------------------------------------------------------

words("Crew>NodeThreads crew>node_threads", LIVE)
words("Place>NodeSlot", LIVE)
words("place>slot _place>_slot places>slots desk>network_trace disband>shutdown GLANCE>POLL_INTERVAL", "lab/src/live/crew/*")
words("disband>shutdown", "lab/src/live/cluster.rs")
words("tallies>node_stats tally>stats", LIVE)
words("ClientTally>ClientStats NodeTally>NodeStats", "*")
rx(r"\.tally\(\)", ".stats()", "*", ("raft/*", "paxos/*", "lease/*", SIM))
words("Parcel>NodeInput parcel>input next_parcel>next_input", LIVE)
rx(r"\bNodeInput::Letters\b", "NodeInput::Messages", LIVE)
rx(r"^    Letters \{", "    Messages {", "lab/src/live/wire.rs")
rx(r"\bNodeInput::Petitions\b", "NodeInput::Requests", LIVE)
rx(r"^    Petitions \{", "    Requests {", "lab/src/live/wire.rs")
rx(r"\bNodeInput::Order\b", "NodeInput::Control", LIVE)
rx(r"^    Order\(", "    Control(", "lab/src/live/wire.rs")
rx(r"\bArrival::Letter\b", "Arrival::Message", LIVE)
rx(r"^    Letter\(", "    Message(", "lab/src/live/node/mod.rs")
rx(r"\bArrival::Petition\b", "Arrival::Request", LIVE)
rx(r"^    Petition\(", "    Request(", "lab/src/live/node/mod.rs")
words("Letter>Envelope letter>envelope letters>envelopes", LIVE)
words("Petition>Request petition>request petitions>requests", LIVE)
rx(r"(?<!protocol::)\bWord\b", "ClientInput", LIVE)
rx(r"\bClientInput::Answers\b", "ClientInput::Responses", LIVE)
rx(r"^    Answers \{", "    Responses {", "lab/src/live/wire.rs")
words("Answered>Response answers>responses", LIVE)
rx(r"\bOrder::(Retire)\b", "Order::Shutdown", LIVE)
rx(r"\bOrder::(Doom)\b", "Order::CrashAt", LIVE)
rx(r"\bOrder::(Look)\b", "Order::ReadView", LIVE)
rx(r"\bOrder::(Report)\b", "Order::TakeTrace", LIVE)
for old, new in [("Retire,", "Shutdown,"), ("Doom\\(", "CrashAt("), ("Look\\(", "ReadView("), ("Report\\(", "TakeTrace(")]:
    rx(rf"^    {old}", f"    {new}", "lab/src/live/wire.rs")
rx(r"\b(use .*)?\bOrder\b(?!ing)", lambda found: found[0][: -len("Order")] + "Control", LIVE)
words("obey>apply_control order>control", ("lab/src/live/crew/*", "lab/src/live/node/*"))
rx(r"\bfn control\b", "fn send_control", "lab/src/live/crew/*")
rx(r"\bself\.control\(", "self.send_control(", "lab/src/live/crew/*")
words("Retired>Shutdown", LIVE)
words("Satchel>RequestBatch satchel>request_batch Mail>Outgoing mail>outgoing Hands>SendContext hands>send_cx", LIVE)
rx(r"(posts\[[^\]]*\])\.inbox\b", r"\1.receiver", LIVE)
fields("Post", "door>sender inbox>receiver", LIVE)
rx(r"\bpub\(super\) inbox: Receiver<NodeInput", "pub(super) receiver: Receiver<NodeInput", "lab/src/live/wire.rs")
words("door>sender", LIVE)
rx(r"\blet post = ", "let inbox = ", "lab/src/live/mail.rs")
rx(r"(?<![.\w])post\.(?=up|sender|door)", "inbox.", "lab/src/live/mail.rs")
words("Post>NodeInbox posts>inboxes sweep_doorstep>drain_inbox", LIVE)
words("Weather>SharedLinks weather>links Outlook>LinkView outlook>link_view Passage>SendDecision passage>decision", LIVE)
rx(r"\bSendDecision::Lost\b", "SendDecision::Drop", LIVE)
rx(r"^    Lost\(DropReason", "    Drop(DropReason", "lab/src/live/weather.rs")
rx(r"\bSendDecision::Arrives\b", "SendDecision::Deliver", LIVE)
rx(r"^    Arrives\(", "    Deliver(", "lab/src/live/weather.rs")
words("is_calm>is_clear calm>clear", LIVE)
words("Tape>ThreadTrace Reel>TraceChunk Noted>TraceEvent tape>thread_trace reel>chunk reels>chunks noted>event", LIVE)
rx(r"\bWhat::Else\b", "What::Other", LIVE)
rx(r"^    Else\(", "    Other(", "lab/src/live/tape.rs")
words("What>TraceItem", LIVE)
words("Onlooker>PendingQuery onlooker>query onlookers>pending_queries show_around>answer_queries", LIVE)
rx(r"\bPendingQuery::ThreadTrace\b", "PendingQuery::Trace", LIVE)
rx(r"^    ThreadTrace\(", "    Trace(", "lab/src/live/node/mod.rs")
words("inquire>query", LIVE)
words(
    "say_farewell>notify_down Director>FaultScheduler director>fault_scheduler direct>schedule_faults "
    "dismiss_director>stop_fault_scheduler Undone>Rollback undone>rollback take_back>roll_back spare>cancel_pending_crash",
    LIVE,
)
words("Back>ReplyChannel", "lab/src/live/mail.rs")
rx(r"\bfn know\b", "fn register_client", "lab/src/live/mail.rs")
rx(r"\b(mail|outgoing)\.know\(", r"\1.register_client(", LIVE)
rx(r"\b(outlook|link_view)\.look\(", r"\1.refresh(", LIVE)
rx(r"\bfn look\b", "fn refresh", "lab/src/live/weather.rs")
words("drawn_by>sample", "lab/src/*")
words("meet>crash_now", "lab/src/live/node/*")
words("COURTESIES>SPIN_YIELDS", LIVE)
words("explored>shuttle_tests", LIVE)
words(
    "Till>Register TillRule>RegisterRule TILLS>REGISTERS tills>registers Hall>Channel Queue>ChannelState",
    ("lab/src/live/explored/*", "lab/src/live/shuttle_tests/*"),
)
words("till>register", ("lab/src/live/explored/*", "lab/src/live/shuttle_tests/*"))
words("Claim>DirectoryLock stake>acquire", "lab/src/live/wal/*")
imported("Failure>NodeFailure", ("live",), (LIVE,))
imported("Report>RunReport", ("live",), (LIVE,))
rx(r"\btelling\b", "tracing_events", "lab/tests/live/*")
words("tell>emit listens>enabled", "lab/src/telling.rs")
words("is_heard>is_enabled", ("lab/*",))

# A field and a variable that now have the same name.
rx(
    r"\b(fault_window|recovery_window|manual|retry_policy|point|sender|receiver|requests|message_faults): \1(?=\s*[,}])",
    r"\1",
    "*",
)

# --- Files --------------------------------------------------------------------------------------

move("lab/src/env/dice.rs", "rng")
move("lab/src/env/misfit.rs", "inject_error")
move("lab/src/env/storm.rs", "fault_plan")
move("lab/src/sim/agenda.rs", "event_queue")
move("lab/src/sim/befall.rs", "faults")
move("lab/src/sim/by_hand.rs", "manual")
move("lab/src/sim/census.rs", "coverage")
move("lab/src/sim/halt.rs", "run_error")
move("lab/src/check/ancestry.rs", "predecessors")
move("lab/src/check/crew.rs", "worker_pool")
move("lab/src/check/harvest.rs", "expand")
move("lab/src/check/queue.rs", "frontier")
move("lab/src/check/walk.rs", "random_walk")
move("lab/src/check/cluster/follow.rs", "replay_under")
move("lab/src/check/cluster/order.rs", "partial_order")
move("lab/src/check/cluster/parts.rs", "interned")
move("lab/src/live/crew", "node_threads")
move("lab/src/live/explored", "shuttle_tests")
move("lab/src/live/shuttle_tests/till.rs", "register")
move("lab/src/live/mail.rs", "outgoing")
move("lab/src/live/satchel.rs", "request_batch")
move("lab/src/live/tape.rs", "thread_trace")
move("lab/src/live/weather.rs", "links")
move("lab/src/live/weather_tests.rs", "links_tests")
move("lab/src/live/wal/claim.rs", "lock")
move("lab/src/telling.rs", "tracing_events")
move("lab/src/untold.rs", "tracing_off")
move("lab/tests/live/telling.rs", "tracing_events")


# --- Work ---------------------------------------------------------------------------------------


def tracked():
    listed = subprocess.run(["git", "ls-files", "*.rs"], capture_output=True, text=True, check=True).stdout
    return listed.split()


def uses(text):
    """Full paths of everything that the `use` declarations of a file import."""
    code = TOKEN.sub("", text) + "\n" + "\n".join(re.findall(r"//[/!] (?:# )?(use [^;]+;)", text))
    paths = []
    for tree in re.findall(r"\buse ([^;]+);", code):
        paths += flat(re.sub(r"\s+", " ", tree).strip(), [])
    return paths


def flat(tree, before):
    depth, parts, start = 0, [], 0
    for place, char in enumerate(tree + ","):
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(tree[start:place].strip())
            start = place + 1
    found = []
    for part in filter(None, parts):
        part = re.sub(r" as \w+$", "", part)
        if "{" in part:
            head, rest = part.split("{", 1)
            found += flat(rest.rstrip().rstrip("}"), before + [step for step in head.split("::") if step])
        else:
            found.append(before + part.split("::"))
    return found


def modules():
    """Renames of module names: by the folder whose module declares them."""
    import os

    for old, new in MOVES:
        if not os.path.exists(old):
            print(f"not found: {old}", file=sys.stderr)
            continue
        folder, name = os.path.split(old)
        stem = name.removesuffix(".rs")
        target = f"{folder}/{new}" + (".rs" if name.endswith(".rs") else "")
        subprocess.run(["git", "mv", old, target], check=True)
        for path in tracked():
            if not path.startswith(folder + "/"):
                continue
            with open(path) as file:
                text = file.read()

            def rename(code, stem=stem, new=new, path=path, folder=folder):
                direct = os.path.dirname(path) == folder
                code = re.sub(rf"\bmod {stem}\b(?=;)", f"mod {new}", code) if direct or "shuttle" in path or "explored" in path else code
                code = re.sub(rf"\b(super::|self::|crate::(?:[a-z_]+::)*){stem}(?=::)", rf"\g<1>{new}", code)
                if direct:
                    code = re.sub(rf"\b(use ){stem}(?=::)", rf"\g<1>{new}", code)
                    code = re.sub(rf"(?<![:\w.]){stem}(?=::[a-zA-Z{{])", new, code)
                elif "shuttle" in path or "explored" in path:
                    code = re.sub(rf"\b(use ){stem}(?=::)", rf"\g<1>{new}", code)
                return code

            changed = rewrite(text, rename)
            changed = re.sub(rf'(#\[path = "(?:\.\./)*){stem}((?:/mod)?\.rs"\])', rf"\g<1>{new}\g<2>", changed)
            if changed != text:
                with open(path, "w") as file:
                    file.write(changed)


COMMENT = re.compile(r"(\s*(?:///|//!|//) )(\S.*)")
WIDTH = 100


def wrap(before, text):
    """Wraps comments that renames have made too long."""
    old, lines, at, fenced = set(before.split("\n")), text.split("\n"), 0, False
    while at < len(lines):
        found = COMMENT.fullmatch(lines[at])
        if found and found[2].startswith("```"):
            fenced = not fenced
        elif found and fenced and len(lines[at]) > WIDTH:
            refusal = re.fullmatch(r"(\s*)(.* else \{) (.*) (\};)", found[2])
            if refusal:
                indent, head, body, end = refusal.groups()
                lines[at : at + 1] = [found[1] + indent + line for line in (head, "    " + body, end)]
        if fenced:
            at += 1
            continue
        if not found or len(lines[at]) <= WIDTH or lines[at] in old or found[2].startswith(("|", "```", "#")):
            at += 1
            continue
        mark = found[1]
        hang = "  " if found[2].startswith("- ") else ""
        room = WIDTH - len(mark)
        cut = found[2].rfind(" ", 0, room + 1)
        # Not inside a link or a code span, where that can be avoided.
        if cut <= 0:
            at += 1
            continue
        rest = found[2][cut + 1 :]
        lines[at] = mark + found[2][:cut]
        follows = COMMENT.fullmatch(lines[at + 1]) if at + 1 < len(lines) else None
        if follows and follows[1].rstrip() == mark.rstrip() and not re.match(r"([-|#>]|```|\[[^\]]+\]: |\d+\. )", follows[2]):
            lines[at + 1] = follows[1] + rest + " " + follows[2]
            indented = re.match(r"(\s*(?:///|//!|//) )(\s*)", lines[at + 1])
            lines[at + 1] = indented[0] + lines[at + 1][indented.end() :]
        else:
            lines.insert(at + 1, mark + hang + rest)
        at += 1
    return "\n".join(lines)


def main():
    for path in tracked():
        with open(path) as file:
            text = file.read()
        facts = {"uses": uses(text), "names": set(re.findall(r"\w+", TOKEN.sub(" ", text)))}
        steps = [
            apply(path, facts) for apply, where, but in RULES if matches(path, where) and not matches(path, but)
        ]

        def rename(code, steps=steps):
            for step in steps:
                code = step(code)
            return code

        changed = rewrite(text, rename)
        if changed != text:
            with open(path, "w") as file:
                file.write(wrap(text, changed))
    modules()
    for path in subprocess.run(["git", "ls-files", "*.md"], capture_output=True, text=True, check=True).stdout.split():
        with open(path) as file:
            text = changed = file.read()
        for old, new in MOVES:
            changed = changed.replace(f"({old})", f"({old.rsplit('/', 1)[0]}/{new}.rs)")
        if changed != text:
            with open(path, "w") as file:
                file.write(changed)
    subprocess.run(["cargo", "fmt", "--all"], check=True)


if __name__ == "__main__":
    main()

# Kept: serialised, or written down by users.
# - Keys and names of options, commands, flags, errors and help: strings are never touched
#   (`straggle`, `straggling`, `patience`, `storm`, `by hand`, ...).
# - `Timer::Patience` of the exercise on timeouts; `Message::Letter` and `Fact { letter }` of the one on
#   clocks; `Attempt::Answered` of the answers: variants of messages, timers and facts.
# - The variants and fields of messages, replies, records and rules of `live/shuttle_tests`.
# - `lease::Mode::Shared`; `Happened::Drop`, `DropReason` and all else that is in traces.
# - The name "telling" by which the tests of `live` start themselves as a child process.
