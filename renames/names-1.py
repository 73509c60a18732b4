#!/usr/bin/env python3
"""Renames in the areas protocol, paxos, raft, lease and bugs: from private words to the field's.

Run it in the root of a clean checkout: `python3 renames/names-1.py`. It rewrites `.rs` files, and
the code that the course's pages quote, moves files with `git mv`, and formats (`NO_FMT=1`: not).
It may run before or after the scripts of the other areas: a rule that finds nothing does nothing.

A rule applies to code, and in comments to what is code there: between backticks, in the brackets
and targets of links, in examples. Strings are never changed, unless a rule says so.

Choices, where NAMES.md left one or its proposal was not taken:
* `learn_with` is `emit_with`; `renamed()` is `permuted()`, as it returns a value;
  `changes_nothing` is `is_identity`; `renaming.rs` is `permutation.rs`, every `renamed.rs` is
  `symmetry.rs`.
* The client history of an invariant, `Heard { word: Word::{Asks, Told} }`, is
  `ClientEvent { kind: ClientEventKind::{Invocation, Response} }` (Herlihy and Wing), because
  `Heard` and `Word` are two types of Paxos as well.
* `Observed::moment` is `StepView::kind`. Local names (`broken`, `ticket`, `seen`, `heard`,
  `overlap`, `standing`) are left alone.
* `audience` is `vote_recipients`: it takes no argument, and is not "the learners of" anything.
* `acceptor.word` is `acceptor.promises`, `proposer.work` is `proposer.state`.
* The role's `tried()` is `highest_ballot_used()`. The field `tried` of `Disk` and the decision
  `recall_tried` keep the name of their record, `Tried`, which is serialised.
* `things` of a discovery is `necessary_events`: `faults` is the field next to it.
* `Book` cannot just go, it is a rulebook together with its bug: `NamedRulebook`; `Shelf` is
  `HasBugs`, `shelf!` is `bugs!`, `books()` is `rulebooks()`, `BROKEN` is `BUGGY`,
  `quorate_bugs::STORM` is `FAULT_WINDOW`, `Found::Story` is `Discovery::Scenario`.
* `quarantine` and `silent_until` stay: rules (`StayQuarantined`), fields of views and of
  `LeaseState`, bug ids, scenarios and the course all say so; `recovery_wait` would be a second
  word for one thing.
* `Witnessed` of leases and of Paxos are both `Observable`, with `observe()` for `testimony()`; Paxos'
  `Testimony` is `Observation`.
* Not in NAMES.md, in its spirit: `Machine::answer`, `Reply::advice` and the exercises' copy are
  `disposition`; `Refusal::passes` is `is_transient`, `StateMachine::glance` is `summary`,
  `Raft::damage` is `disk_error`; some private methods of Raft's replication.
* Lease's `Known` is `RequestLookup`, Raft's is `SessionLookup`.

Kept: serialised. `Refusal::{SteppedAside, HandingOver}`; the cache's `Fetch, Lend, Recall, GiveUp,
TakeBack`; the store's `Mark`; `Timer::Lapse`; `PaceName`'s variant `Stream` (the type is
`ReplicationStateName`) and the field `pace` of Raft's view; the field `front` of `Fence`;
`Does::Learn` between the grader and an answer; `says` in traces.
"""
import fnmatch
import os
import re
import subprocess
import sys

TOKEN = re.compile(
    r'''(?P<comment>//[^\n]*|/\*.*?\*/)'''
    r'''|(?P<str>b?r(?P<h>\#*)".*?"(?P=h)|b?"(?:[^"\\]|\\.)*"|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])')''',
    re.S,
)
IN_COMMENT = re.compile(r'`[^`\n]+`|\]\([^)\n]*\)|(?<=\[)[A-Za-z_:]+(?=\])|\[[A-Za-z_:]+\]:[^\n]*')
FENCE = re.compile(r'\s*//[/!]\s?\s*```(\S*)')


def apply(text, regex, new, strings=False):
    """Applies a rule to the code of a file."""
    out, at, fenced = [], 0, None

    def code(s):
        return regex.sub(new, s)

    # An identifier-raw `r#x` or a lifetime is not a literal: `'a` has no closing quote near.
    for m in TOKEN.finditer(text):
        out.append(code(text[at:m.start()]))
        at = m.end()
        s = m.group()
        if m.group('comment') is None:
            out.append(code(s) if strings else s)
            continue
        f = FENCE.match(s)
        if f:
            fenced = None if fenced is not None else f.group(1)
            out.append(s)
        elif fenced is not None and s.startswith(('///', '//!')):
            out.append(code(s) if fenced in ('', 'rust', 'no_run', 'should_panic', 'compile_fail', 'ignore') else s)
        else:
            fenced = None
            out.append(IN_COMMENT.sub(lambda c: code(c.group()), s))
    out.append(code(text[at:]))
    return ''.join(out)


def files(patterns, without=()):
    tracked = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'], capture_output=True, text=True, check=True).stdout.split('\n')
    for path in tracked:
        if path and os.path.isfile(path) and not path.startswith('renames/'):
            if any(fnmatch.fnmatch(path, p) for p in patterns) and not any(fnmatch.fnmatch(path, p) for p in without):
                yield path


def read(path):
    with open(path, encoding='utf-8', newline='') as f:
        return f.read()


def write(path, text):
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)


CACHE, DIRTY = {}, set()
ALL = ['*.rs']
COUNTS = {}


def load(path):
    if path not in CACHE:
        CACHE[path] = read(path)
    return CACHE[path]


def store(path, text):
    if text != CACHE[path]:
        CACHE[path] = text
        DIRTY.add(path)
        return True
    return False


TREE = None


def tree(patterns, without=()):
    global TREE
    if TREE is None:
        TREE = list(files(['*.rs', '*.md']))
    return [p for p in TREE
            if any(fnmatch.fnmatch(p, g) for g in patterns) and not any(fnmatch.fnmatch(p, g) for g in without)]


def sub(old, new, where=ALL, without=(), strings=False, flags=re.M):
    """A rule by regular expression."""
    regex, hits = re.compile(old, flags), 0
    for path in tree([g for g in where], without):
        if path.endswith('.rs') and regex.search(load(path)):
            hits += store(path, apply(load(path), regex, new, strings))
    COUNTS[old] = COUNTS.get(old, 0) + hits


def raw(old, new, where):
    """A rule for the text as it is, strings included."""
    for path in tree(where):
        store(path, re.sub(old, new, load(path)))


def word(old, new, where=ALL, without=(), pages=()):
    """A whole word, wherever it is; with `pages`, also between backticks of these."""
    sub(rf'\b{old}\b', new, where, without)
    regex = re.compile(rf'\b{old}\b')
    for path in tree(pages):
        store(path, re.sub(r'```rust.*?```|`[^`\n]+`', lambda c: regex.sub(new, c.group()), load(path), flags=re.S))


USE = re.compile(r'\b(?:pub(?:\([^)]*\))?\s+)?use\s+([^;]+);')


def imports(text, roots, name):
    for use in USE.findall(text):
        if re.match(rf'(?:::)?(?:{roots})\b', use) and re.search(rf'\b{name}\b(?!\s+as\b)', use):
            return True
    return False


def imported(old, new, roots, where=ALL, without=(), also=()):
    """A type that has namesakes: renamed in the files that import it from one of these roots."""
    # Not a variant of another enum: qualified by something else, or declared at the start of a line.
    name = re.compile(
        rf'(?<![:\w])(?<!^    ){old}\b|(?<=crate::){old}\b|(?<=super::){old}\b|(?<=self::){old}\b'
        rf'|(?<=protocol::){old}\b|(?<=bugs::){old}\b|(?<=raft::){old}\b|(?<=lease::){old}\b'
        rf'|^ +{old}\b(?! ?[({{])', re.M)
    for path in tree(where, without):
        if path.endswith('.rs') and old in load(path):
            text = load(path)
            if any(fnmatch.fnmatch(path, g) for g in also) or imports(text, roots, old):
                store(path, apply(text, name, new))
            else:
                store(path, apply(text, re.compile(rf'(?<=quorate_protocol::){old}\b'), new))


def move(old, new):
    """Moves a file or a folder."""
    global TREE
    if os.path.exists(old):
        flush()
        subprocess.run(['git', 'mv', old, new], check=True)
        CACHE.clear()
        TREE = None


def flush():
    for path in sorted(DIRTY):
        write(path, CACHE[path])
    DIRTY.clear()


PAGES = ['exercises/course/*.md']
PROTOCOL = ['protocol/*.rs']
PAXOS = ['paxos/src/*.rs']
RAFT = ['raft/src/*.rs']
LEASE = ['lease/src/*.rs']
ROOTS = 'quorate_protocol|quorate::protocol|quorate_exercises::build|quorate_answer::build'

# ---- protocol ----
sub(r'\bEffect::Learn\b', 'Effect::Emit')
sub(r'^    Learn\(M::Fact\)', '    Emit(M::Fact)', ['protocol/src/machine.rs'])
# Learners have a `learn` of their own, which learns.
sub(r'(?<=(?<!self)\.)learn(?=\()', 'emit', without=['tests/learn_programs.rs', 'src/cli/*'])
sub(r'(?<=fn )learn(?=\(&mut self, fact: M::Fact)', 'emit', PROTOCOL)
raw(r'\[`learn`\]\(Self::learn\)', '[`emit`](Self::emit)', PROTOCOL)
word('learn_with', 'emit_with')
for page in tree(PAGES):
    store(page, re.sub(r'(?<=\.)learn(?=\()', 'emit', load(page)))

# Qualified uses first, then the files that import the type.
imported('Broken', 'InvariantViolation', ROOTS, also=['protocol/src/*.rs'])
# `Broken {` at the start of a line is an expression only here.
raw(r'\bBroken(?= \{ invariant, detail: detail\.into)', 'InvariantViolation', PROTOCOL)
sub(r'\bObserved\b', 'StepView')
imported('Moment', 'StepKind', ROOTS, also=['protocol/src/*.rs'])
sub(r'(?<=seen\.)moment\b', 'kind')
sub(r'(?<=pub )moment(?=: StepKind)', 'kind', PROTOCOL)
sub(r'(?<=\bStepView \{ )([^}\n]*?)\bmoment:', r'\1kind:')
sub(r'(?<=\bStepView \{ )([^}\n]*?)(?<!: )\bmoment(?=, )', r'\1kind: moment')

imported('Heard', 'ClientEvent', ROOTS, also=['protocol/src/*.rs'])
imported('Word', 'ClientEventKind', ROOTS, also=['protocol/src/*.rs'])
sub(r'\bClientEventKind::Asks\b', 'ClientEventKind::Invocation')
sub(r'\bClientEventKind::Told\b', 'ClientEventKind::Response')
sub(r'^    Asks(?=\(M::Command\))', '    Invocation', ['protocol/src/invariant.rs'])
sub(r'^    Told(?= \{)', '    Response', ['protocol/src/invariant.rs'])
sub(r'(?<=pub )word(?=: ClientEventKind)', 'kind', PROTOCOL)
sub(r'(?<=\bClientEvent \{ )([^}\n]*?)\bword:', r'\1kind:')
sub(r'(?<=\bClientEvent \{ )([^}\n]*?)(?<!: )\bword(?=,| \})', r'\1kind: word')

sub(r'\bAnswer::AskAgain\b', 'Disposition::Retry')
sub(r'\bAnswer::Ask\b', 'Disposition::Redirect')
sub(r'\bAnswer::Final\b', 'Disposition::Final')
sub(r'(?<=\bprotocol::)Answer\b', 'Disposition')
imported('Answer', 'Disposition', ROOTS, also=['protocol/src/machine.rs', 'protocol/src/lib.rs', 'exercises/course/build/*'])
sub(r'(?<=-> )Answer\b(?= \{)', 'Disposition', ['exercises/tests/*'])
sub(r'^    Ask\(NodeId\)', '    Redirect(NodeId)', ['protocol/src/machine.rs'])
sub(r'^    AskAgain,', '    Retry,', ['protocol/src/machine.rs'])

sub(r'(?<=fn )answer(?=\((reply|_): &[^)]*\) -> (protocol::)?Disposition)', 'disposition')
sub(r'(\bM|\bRaft::<[^>\n]*>|\bMultiPaxos|\bMachine>)::answer(?=\()', r'\1::disposition')
sub(r'(?<=\.)advice(?=\(\))', 'disposition')
sub(r'(?<=fn )advice(?=\()', 'disposition', ['raft/*.rs', 'exercises/*.rs'])
sub(r'(?<=\bP::)advice(?=\()', 'disposition', ['exercises/*.rs'])

word('Ticket', 'RequestId', pages=PAGES)
word('Renaming', 'Permutation')
word('Renamed', 'Permute')
word('nameless', 'no_node_ids', without=['exercises/*'])
sub(r'\bfn renamed(?=\(&self, (by|_): &)', 'fn permuted')
sub(r'(?<=[.:])renamed(?=\((?!\|))', 'permuted')
sub(r'\bchanges_nothing\b', 'is_identity')
sub(r'\b(mod|use) renamed\b', r'\1 symmetry', ['paxos/*', 'raft/*', 'lease/*'])
sub(r'\bmod renaming;', 'mod permutation;', PROTOCOL)
sub(r'\brenaming::', 'permutation::', PROTOCOL)
move('protocol/src/renaming.rs', 'protocol/src/permutation.rs')
move('paxos/src/renamed.rs', 'paxos/src/symmetry.rs')
move('paxos/src/basic/renamed.rs', 'paxos/src/basic/symmetry.rs')
move('raft/src/renamed.rs', 'raft/src/symmetry.rs')
move('lease/src/store/renamed.rs', 'lease/src/store/symmetry.rs')
move('lease/src/store/front/renamed.rs', 'lease/src/store/front/symmetry.rs')
move('lease/src/store/invariants/renamed.rs', 'lease/src/store/invariants/symmetry.rs')

word('ORDER_BLIND', 'COMMUTES')
sub(r'\bfn says(?=\(self\))', 'fn summary', PROTOCOL)
sub(r'(?<=rule\.)says(?=\(\))', 'summary')
sub(r'(?<=\bRule::)says\b', 'summary')
sub(r'\bHeading\b', 'RuleSpan', ['protocol/src/outbox.rs'])

# `Disk::write` and `Disk::records`. Raft's disk has an `apply` of its own, which can fail.
sub(r'(?<=fn )apply(?=\(&mut self, record: &Record<S>\) -> Result)', 'try_apply', ['raft/src/disk.rs'])
sub(r'(?<=self\.)apply(?=\(record\))', 'try_apply', ['raft/src/disk.rs'])
DISK = re.compile(r'(impl(?:<[^{]*?>)? (?:\w+::)*Disk for [^{]+\{\n(?:(?!^(?: {4})?\}$).*\n)*?\s*)fn write\(', re.M)
COMPACT = re.compile(r'(impl(?:<[^{]*?>)? (?:\w+::)*Disk for [^{]+\{\n(?:(?!^\}$).*\n)*?\s*)fn records\(', re.M)
for path in tree(ALL):
    if 'Disk for' in load(path):
        store(path, COMPACT.sub(r'\1fn compacted(', DISK.sub(r'\1fn apply(', load(path))))
sub(r'(?<=fn )write(?=\(&mut self, record: &Self::Record\))', 'apply', PROTOCOL)
sub(r'(?<=fn )records(?=\(&self\) -> Option<Vec<Self::Record>>)', 'compacted', PROTOCOL)
sub(r'(?<=\.)write(?=\((&?record\b|&Record\b|&record\())', 'apply',
    ['*.rs'], ['exercises/tests/students/paxos/tabulator.rs', 'tests/baseline/*'])
sub(r'(?<=\bDisk::)write\b', 'apply')
sub(r'(?<=\bDisk::)records\b', 'compacted')
sub(r'(?<=stable\.)write(?=\(&)', 'apply', ['exercises/*.rs'])
sub(r'(?<=\.)write(?=\(&(note|line|entry|form|version)\b)', 'apply', ['exercises/tests/*'])
sub(r'(?<=disk\.)records(?=\(\))', 'compacted')
sub(r'(?<=\)\.)records(?=\(\)(\.unwrap\(\)|, None))', 'compacted', ['raft/src/disk.rs'])

# ---- paxos ----
word('Word', 'PromiseState', PAXOS)
sub(r'\bword\b', 'promises', ['paxos/src/basic/acceptor.rs', 'paxos/src/multi/acceptor.rs', 'paxos/src/*symmetry.rs'])
word('Heard', 'PromiseQuorum', PAXOS)
word('Work', 'ProposerState', PAXOS)
sub(r'(?<=self\.)work\b', 'state', ['paxos/src/basic/*.rs'])
sub(r'\bwork(?=: (ProposerState|self\.))', 'state', ['paxos/src/basic/*.rs'])
sub(r'\bAttempt::Overtaken\b', 'Attempt::Preempted', PAXOS)
sub(r'^    Overtaken,', '    Preempted,', ['paxos/src/basic/proposer.rs'])
sub(r'(?<=fn )tried(?=\(&self\))', 'highest_ballot_used', PAXOS)
sub(r'(?<=\.)tried(?=\(\))', 'highest_ballot_used', without=['exercises/*'])
sub(r'(?<=Paxos::)tried\b', 'highest_ballot_used')
sub(r'(?<=fn )told(?=\()', 'on_chosen', PAXOS)
sub(r'(?<=\.)told(?=\()', 'on_chosen', PAXOS)
sub(r'(?<=fn )show(?=\()', 'on_ask_accepted', ['paxos/src/basic/acceptor.rs'])
sub(r'(?<=fn )show(?=\()', 'on_ask_chosen', ['paxos/src/*/learner.rs'])
sub(r'(?<=role\.)show(?=\()', 'on_ask_chosen', ['paxos/src/*/node.rs'])
raw(r'(AskAccepted => .*)role\.on_ask_chosen\(', r'\1role.on_ask_accepted(', ['paxos/src/basic/node.rs'])
sub(r'(?<=fn )audience\b', 'vote_recipients', PAXOS)
sub(r'(?<=\.)audience\b', 'vote_recipients', PAXOS)
word('binding', 'value_to_propose', pages=PAGES)
word('acting', 'with_role', PAXOS)
word('Shown', 'DisplayBallot', PAXOS)
word('Fresh', 'DisplayNewBallot', PAXOS)

# ---- raft ----
ELECTION = ['raft/*.rs', 'bugs/src/raft.rs', 'bugs/src/raft/*.rs', 'exercises/answer/src/decisions/raft.rs',
            'exercises/course/raft/*.rs', 'exercises/src/grade/*/raft/*.rs', 'exercises/tests/*/raft.rs',
            'exercises/tests/*/raft/*.rs']
word('Ballot', 'Election', ELECTION, pages=['exercises/course/raft/*.md'])
word('Poll', 'ElectionKind', ELECTION, pages=['exercises/course/raft/*.md'])
sub(r'(?<=\.)poll\b', 'kind', ELECTION)
sub(r'\bpoll: ', 'kind: ', ELECTION)
sub(r'\{ poll, ', '{ kind: poll, ', ELECTION)
for page in tree(['exercises/course/raft/*.md']):
    store(page, load(page).replace('`poll`', '`kind`'))
sub(r'\bval Ballot(?=, standing: val)', 'val Election', ['exercises/answer/src/decisions.rs'])
sub(r'(?<=standing: )val Ballot\b', 'val Election', ['exercises/answer/src/decisions.rs'])
# Lists of imports: of Raft those with a candidate, or after `Appended`.
RAFT_LIST = ['exercises/*.rs']
sub(r'\bBallot(?=, (Batch|Candidate)\b)', 'Election', RAFT_LIST)
sub(r'\bPoll\b', 'ElectionKind', RAFT_LIST)
word('Overlap', 'AppendSpan', ['raft/*.rs', 'bugs/*.rs', 'exercises/*.rs'], pages=PAGES + ['exercises/README.md'])
# What the grader prints is the type's name.
raw(r'overlap: Overlap', 'overlap: AppendSpan', ['exercises/src/*.rs'])
word('may_stand', 'may_campaign', pages=PAGES)
word('heeds_candidate', 'considers_candidate', pages=PAGES)
sub(r'(?<=fn )stand(?=\()', 'campaign', RAFT)
sub(r'(?<=\.)stand(?=\()', 'campaign', RAFT)
sub(r'(?<=fn )lead(?=\()', 'become_leader', RAFT)
sub(r'(?<=self\.)lead(?=\()', 'become_leader', RAFT)
sub(r'(?<=fn )reached(?=[<(])', 'majority_value', RAFT)
sub(r'(?<=self\.)reached(?=\()', 'majority_value', RAFT)
sub(r'(?<=fn )heard(?=<)', 'counted_progress', RAFT)
sub(r'(?<![\w.])heard(?=\(cx\.rules)', 'counted_progress', RAFT)
sub(r'(\buse crate::replication::(?:\{[^}]*\b)?)heard\b', r'\1counted_progress', RAFT)
word('lay_down', 'end_leadership', RAFT)
sub(r'\bPace::Stream\b', 'ReplicationState::Replicate', RAFT)
sub(r'^    Stream,', '    Replicate,', ['raft/src/role.rs'])
word('Pace', 'ReplicationState', RAFT)
sub(r'(?<=\.)pace\b', 'state', ['raft/src/*.rs'], ['raft/src/view.rs'])
sub(r'\bpace(?=: ReplicationState\b)', 'state', ['raft/src/role.rs'])
sub(r'(?<=progress\.)pace\b', 'state', ['raft/src/view.rs'])
word('PaceName', 'ReplicationStateName', ['raft/*.rs'])
sub(r'\bunder_way\b', 'inflight', ['raft/src/role.rs', 'raft/src/replication.rs'])
word('round_under_way', 'round_inflight', RAFT)
word('seeks', 'is_probing', RAFT)
sub(r'(?<=fn )passes(?=\(&self\) -> bool)', 'is_transient', RAFT)
sub(r'(?<=refusal\.)passes(?=\(\))', 'is_transient')
sub(r'(?<=fn )glance(?=\(&self\) -> String)', 'summary', ['raft/*.rs', 'lease/*.rs', 'benches/*.rs', 'exercises/*.rs', 'lab/tests/*.rs'])
sub(r'(?<=\.)glance(?=\(\))', 'summary', ['raft/*.rs', 'lease/*.rs'])
sub(r'(?<=fn )damage(?=\(&self\))', 'disk_error', RAFT)
sub(r'(?<=\.)damage(?=\(\))', 'disk_error')
word('hear_leader', 'note_leader_contact', RAFT)
word('has_news', 'can_send', ['raft/src/replication.rs'])
word('holds_back', 'must_probe', ['raft/src/replication.rs'])
sub(r'(?<=fn )feed(?=\()', 'send_entries', ['raft/src/replication.rs'])
sub(r'(?<=sender\.)feed(?=\()', 'send_entries', ['raft/src/replication.rs'])
sub(r'(?<=fn )beat(?=\()', 'send_heartbeat', ['raft/src/replication.rs'])
sub(r'(?<=sender\.)beat(?=\()', 'send_heartbeat', ['raft/src/replication.rs'])
sub(r'(?<=fn )cut(?=\()', 'batch_from', ['raft/src/replication.rs'])
sub(r'(?<=self\.)cut(?=\()', 'batch_from', ['raft/src/replication.rs'])
word('minds_silence', 'tracks_leader_contact', RAFT)
word('Impersonal', 'NodeAgnostic')
word('HowMany', 'CounterQuery')
word('Known', 'SessionLookup', ['raft/*.rs', 'exercises/answer/src/lib.rs', 'exercises/course/build/raft-*/*.rs',
     'exercises/tests/*/raft/in_one_piece.rs'], pages=['exercises/course/build/raft-*/*.md'])
imported('Known', 'SessionLookup', 'quorate_raft|quorate::raft')

# ---- lease ----
word('Known', 'RequestLookup', ['lease/*.rs'])
imported('Known', 'RequestLookup', 'quorate_lease|quorate::lease')
word('Standing', 'LeaseState', ['lease/*.rs', 'bugs/*.rs', 'examples/*.rs', 'tests/lease/*.rs', 'exercises/answer/*.rs',
     'exercises/course/lease/*.rs', 'exercises/src/*rules.rs', 'exercises/src/grade/*/lease.rs', 'exercises/src/lib.rs',
     'exercises/tests/*/lease.rs', 'exercises/tests/*/lease/*.rs'], pages=['exercises/course/lease/*.md'])
imported('Deed', 'LeaseEvent', 'quorate_lease|quorate::lease|crate::exclusion|super::exclusion', also=['lease/src/exclusion.rs', 'lease/src/lib.rs'])
sub(r'\bDeed\b', 'LeaseEvent', ['lease/*.rs'])
sub(r'\bDeed::(Acted|Held|Lost|Granted)\b', r'LeaseEvent::\1')
word('Witnessed', 'Observable')
word('testimony', 'observe')
word('testimonies', 'observations')
word('Testimony', 'Observation')
word('Reign', 'LeasePeriod', ['lease/src/exclusion.rs'])
word('reigns', 'periods', ['lease/src/exclusion.rs'])
word('reign', 'record_period', ['lease/src/exclusion.rs'])
word('Front', 'Coordinator', ['lease/src/store/*.rs'])
sub(r'\bmod front;', 'mod coordinator;', ['lease/src/store/mod.rs'])
sub(r'\bfront::(?=Coordinator|\{)', 'coordinator::', ['lease/src/store/*.rs'])
move('lease/src/store/front.rs', 'lease/src/store/coordinator.rs')
move('lease/src/store/front', 'lease/src/store/coordinator')
sub(r'\bmod trust;', 'mod leader_lease;', ['lease/src/replicated/mod.rs'])
sub(r'\btrust::', 'leader_lease::', ['lease/src/replicated/*.rs'])
move('lease/src/replicated/trust.rs', 'lease/src/replicated/leader_lease.rs')
sub(r'(?<=fn )lapse(?=\()', 'expire', LEASE)
sub(r'(?<=\.)lapse(?=\()', 'expire', LEASE)
sub(r'\bmod text;', 'mod name;', ['lease/src/lib.rs'])
sub(r'\btext::(?=\{?(Name|Value))', 'name::', LEASE)
sub(r'\bmacro_rules! text\b', 'macro_rules! short_string', ['lease/src/text.rs'])
sub(r'^text!', 'short_string!', ['lease/src/text.rs'])
move('lease/src/text.rs', 'lease/src/name.rs')
sub(r'\bmod written;', 'mod parse;', ['lease/src/lib.rs'])
sub(r'\bwritten::(?=NotWritten|written_with_dots)', 'parse::', LEASE)
word('NotWritten', 'ParseError')
word('written_with_dots', 'dotted', LEASE)
move('lease/src/written.rs', 'lease/src/parse.rs')

# ---- bugs ----
# Everything but the lab, which has namesakes, and knows no bugs.
NOT_OF_BUGS = ['lab/*']
imported('Found', 'Discovery', 'quorate_bugs|quorate::bugs')
word('Found', 'Discovery', ['bugs/*.rs'])
sub(r'(?<=quorate_bugs::)Found\b', 'Discovery')
sub(r'\bDiscovery::Story\b', 'Discovery::Scenario')
sub(r'\bStory\b', 'Scenario', ['bugs/*.rs'])
word('things', 'necessary_events', ['bugs/src/*.rs'])
sub(r'\{things\}', '{necessary_events}', ['bugs/src/found.rs', 'bugs/src/discovery.rs'], strings=True)
sub(r'(?<=bug\.)found\b', 'discovery')
sub(r'(?<=entry\.)found\b', 'discovery', ['tests/baseline/searches.rs'])
sub(r'(?<=pub )found(?=: Discovery)', 'discovery', ['bugs/*.rs'])
sub(r'\bfound(?=: (\$found|Search|Seed|Stages|Scenario|Story)\b)', 'discovery', ['bugs/*.rs'])
sub(r'\bfound: \$found:expr', 'discovery: $discovery:expr', ['bugs/src/shelf.rs', 'bugs/src/declare.rs'])
sub(r'\$found\b', '$discovery', ['bugs/src/shelf.rs', 'bugs/src/declare.rs'])
sub(r'\b(mod|use) found\b', r'\1 discovery', ['bugs/src/lib.rs'])
sub(r'\bfound(?=::)', 'discovery', ['bugs/src/lib.rs'])
sub(r'(?<=bug\.)instead\b', 'correct_rule')
sub(r'(?<=self\.)instead\b', 'correct_rule', ['bugs/src/lib.rs'])
sub(r'(?<=Self::)instead\b', 'correct_rule', ['bugs/src/lib.rs'])
sub(r'(?<=pub )instead(?=: &)', 'correct_rule', ['bugs/src/lib.rs'])
sub(r'\binstead(?=: )', 'correct_rule', ['bugs/*.rs'])
sub(r'\$instead\b', '$correct_rule', ['bugs/*.rs'])
sub(r'(?<=pub )says(?=: &)', 'summary', ['bugs/src/lib.rs'])
sub(r'\bsays(?=: )', 'summary', ['bugs/*.rs'])
sub(r'\$says\b', '$summary', ['bugs/*.rs'])
sub(r'(?<=bug\.)says\b', 'summary')
sub(r'\bBug \{ says, story, source, instead, ', 'Bug { summary: says, story, source, correct_rule: instead, ')
word('BookOf', 'NamedRulebookOf', without=NOT_OF_BUGS)
word('Book', 'NamedRulebook', without=NOT_OF_BUGS)
sub(r'(?<=fn )books(?=<)', 'rulebooks', ['bugs/src/lib.rs'])
sub(r'(?<=bugs::)books(?=\(|::)', 'rulebooks')
imported('books', 'rulebooks', 'quorate_bugs|quorate::bugs', without=NOT_OF_BUGS)
sub(r'\bBROKEN\b', 'BUGGY', ['bugs/*.rs'])
sub(r'(?<=::)BROKEN\b', 'BUGGY', without=NOT_OF_BUGS)
word('Shelf', 'HasBugs', without=NOT_OF_BUGS)
sub(r'\bmacro_rules! shelf\b', 'macro_rules! bugs', ['bugs/*.rs'])
sub(r'^shelf!', 'bugs!', ['bugs/*.rs'])
sub(r'\bmod shelf;', 'mod declare;', ['bugs/src/lib.rs'])
sub(r'\bSTORM\b', 'FAULT_WINDOW', ['bugs/*.rs'])
sub(r'\{STORM\}', '{FAULT_WINDOW}', ['bugs/src/found.rs', 'bugs/src/discovery.rs'], strings=True)
sub(r'(?<=bugs::)STORM\b', 'FAULT_WINDOW')
imported('STORM', 'FAULT_WINDOW', 'quorate_bugs|quorate::bugs', without=NOT_OF_BUGS)
move('bugs/src/shelf.rs', 'bugs/src/declare.rs')
move('bugs/src/found.rs', 'bugs/src/discovery.rs')

COMMENT = re.compile(r'^( *)(//[/!]?) (\s*(?:[-*] |\d+\. )?)(.*)$')


def wrapped(before, after):
    """Carries the words of a comment that a longer name has pushed beyond column 100 to the next line."""
    known, out, lines, fenced = set(before.split('\n')), [], after.split('\n'), False
    while lines:
        line = lines.pop(0)
        m = COMMENT.match(line)
        fenced = m is not None and (fenced != m.group(4).startswith('```'))
        if m and not fenced and len(line) > 100 and line not in known and not m.group(4).startswith(('|', '```')):
            kept, carried = line, []
            while len(kept) > 100 and ' ' in kept[len(m.group(1)) + 4:]:
                kept, last = kept.rsplit(' ', 1)
                carried.insert(0, last)
            own = m.group(3)
            after_own = COMMENT.match(lines[0]) if lines else None
            goes_on = (after_own and after_own.group(1, 2) == m.group(1, 2) and after_own.group(4)
                       and after_own.group(3) == ' ' * len(own) and not after_own.group(4).startswith(('|', '```', '#')))
            head = f'{m.group(1)}{m.group(2)} ' + ' ' * len(own) + ' '.join(carried)
            if goes_on:
                lines[0] = head + ' ' + after_own.group(4)
            else:
                lines.insert(0, head)
            line = kept
        out.append(line)
    return '\n'.join(out)


flush()
# What git had is what was there before; moved files are compared by their new name, and not wrapped twice.
for path in tree(ALL):
    old = subprocess.run(['git', 'show', f'HEAD:{path}'], capture_output=True)
    before = old.stdout.decode() if old.returncode == 0 else ''
    if old.returncode == 0 and before != load(path):
        store(path, wrapped(before, load(path)))
flush()
if os.environ.get('VERBOSE'):
    for rule, hits in COUNTS.items():
        if not hits:
            print('nothing for', rule)
if not os.environ.get('NO_FMT'):
    for folder in ('.', 'benches'):
        if os.path.exists(os.path.join(folder, 'Cargo.toml')):
            subprocess.run(['cargo', 'fmt', '--all'], cwd=folder, check=folder == '.')
