"""Has TLC judge runs: python tla.py FOLDER QUORATE tla2tools.jar

Makes runs of Paxos, Raft and leases with the program QUORATE in the FOLDER, lets TLC judge them by the specifications in
docs/specs, and checks those specifications: their invariants hold of small models, and fail when a rule is broken.
Whatever is not as it should be is an error.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

FOLDER, QUORATE, JAR = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
SPECS = Path("docs/specs")
HARSH = ["--faults", "harsh", "--for", "3s"]


def sim(protocol, nodes, seed, *more):
    return ["sim", protocol, "--nodes", str(nodes), "--seeds", f"{seed}..{seed + 1}", *(more or HARSH)]


# Runs that are behaviours of the specifications. Seeds of Raft switch on pre-votes (1), CheckQuorum (2), snapshots (4),
# changes of members (8), transfers (16), narrow windows (32) and probes (64): 0 and 64 are plain.
RAFT_SEEDS = [0, 64, 1, 2, 4, 8, 16, 32, 12, 28, 31, 60, 127, 128, 132, 136]
RIGHT = {
    "Paxos": [sim("paxos", nodes, seed) for nodes in (3, 5) for seed in range(20)],
    "Raft": [sim("raft", 3, seed) for seed in RAFT_SEEDS] + [sim("raft", 5, seed) for seed in (0, 8, 64, 200)],
    "Lease": [sim("lease", nodes, seed, *HARSH[:3], "2s") for nodes, seed in zip([2, 3] * 10, range(20))],
}
LEAST = {"Paxos": 40, "Raft": 20, "Lease": 20}
# Fewer steps than this judge nothing.
STEPS_LEAST = 30

# Scenarios whose runs the specifications refuse, and the action: each breaks a rule, or what Raft asks of disks, to show what
# it is good for, but for quorums that are no majorities, which a trace does not name. All other scenarios are right.
STORIES_REFUSED = {
    "paxos/flexible-quorums": "Learn",
    "paxos/popular-retelling": "SendPrepareWithValue",
    "paxos/one-breaks-its-promise": "Accept",
    "raft/wiped-majority": "LoseDisk",
    "found/mixed-votes": "Learn",
    "found/own-value": "Propose",
    "found/ack-beyond": "SendAck",
    "found/commit-not-min": "FollowerCommit",
    "found/ignores-log-check": "Vote",
    "found/counts-from-reply": "Hold",
    "lease/dual-primary-by-heartbeat": "Grant",
    "lease/dual-primary-damages-data": "Grant",
    "lease/dual-primary-fenced-data": "Grant",
    "lease/lock-delay": "AcceptWrite",
    "lease/pause-then-write": "AcceptWrite",
    "lease/random-token-cannot-order": "Grant",
}
STORIES_LEAST = {"Paxos": 13, "Raft": 45, "Lease": 18}
# What quorate says of the other scenarios: of other protocols, or from the middle of a long log.
NOT_JUDGED = ("there is no TLA+ specification of", "a log that the first view of the node shows whole",
              "the specifications know no backups", "the specifications know no liars",
              "the clocks of the specification never stand still")

# Bugs of the zoo, and the action that the specification refuses.
WRONG = {
    "Paxos": {
        "own-value": "Propose",
        "any-reported": "Propose",
        "lowest-reported": "Propose",
        "duplicate-promise": "Propose",
        "ballot-reuse": "Observe",
        "forget-promise": "Observe",
        "forget-accepted": "Observe",
        "no-promise-check": "Accept",
        "accepted-only": "Accept",
        "accept-no-raise": "Accept",
        "mixed-promises": "Observe",
        "reports-promised": "SendPromise",
        "mixed-votes": "Learn",
        "small-quorum": "Propose",
        "skip-phase-1": "Propose",
        "prepare-carries-value": "SendPrepareWithValue",
        "reported-is-chosen": "Answer",
    },
    "Raft": {
        "figure-8": "LeaderCommit",
        "stale-vote-reply": "BecomeLeader",
        "step-down-clears-vote": "NewTerm",
        "prevote-as-vote": "BecomeLeader",
        "vote-not-durable": "SendRequestVote",
        "log-not-durable": "SendAppend",
        "ignores-log-check": "Vote",
        "length-only-check": "Vote",
        "commit-not-min": "FollowerCommit",
        "commit-regresses": "Observe",
        "match-regresses": "Observe",
        "empty-append-truncates": "Truncate",
        "truncate-always": "Truncate",
        "ack-beyond": "SendAck",
        "stale-nack-rollback": "LeaderCommit",
        "config-before-commit": "AppendOwn",
        "joint-left-early": "AppendOwn",
        "config-at-commit": "Observe",
        "log-kept-under-snapshot": "Observe",
        "nonvoter-counts-itself": "LeaderCommit",
        "snapshot-lowers-term": "Observe",
    },
    "Lease": {
        "heartbeat-only": "Grant",
        "counts-from-reply": "CheckTerms",
        "no-drift-margin": "CheckTerms",
        "wall-clock": "Ask",
        "own-lease-length": "CheckTerms",
        "stamp-of-another-clock": "CheckTerms",
        "restart-grants-at-once": "Grant",
        "quarantine-short": "Grant",
        "check-then-act": "Act",
        "token-not-checked": "AcceptWrite",
        "token-random": "Grant",
        "check-not-atomic": "AcceptWrite",
        "unlock-others": "TakeRelease",
        "release-ignores-renewal": "TakeRelease",
        "failed-renewal-extends": "Observe",
        "no-lock-delay": "AcceptWrite",
    },
}
# Bugs that break no safety, or that of answers alone, which the specification does not have: their runs are its behaviours.
SAFE = {"Raft": ["leader-grants-prevote", "prevote-refreshes", "stuck-candidate", "partial-connectivity", "refused-vote-restarts-timeout",
                 "learner-refuses-vote", "stale-timeout-now", "answered-by-index"]}

# What a model takes in place of a rule, and what it takes for constants: a holder's term of 4 leaves no margin for drift.
BROKEN = {
    "Paxos": [
        ("MayPromise <- PromiseAnything", {}),
        ("MayAccept <- AcceptAnything", {}),
        ("PromisedAfterRestart <- NoBallotKept", {}),
        ("AcceptedAfterRestart <- NoProposalKept", {}),
    ],
    "Raft": [
        ("IsQuorum <- AnyoneIsQuorum", {}),
        ("HasVote <- AlwaysHasVote", {"Fallible": "{}", "MaxMessages": "4"}),
    ],
    "Lease": [
        ("HasEnded <- EndsAtOnce", {}),
        ("IsSilent <- NeverSilent", {}),
        ("EndOfTerm <- EndAfterReceipt", {}),
        (None, {"HolderTerm": "4"}),
    ],
}


def quorate(command, folder, may_fail):
    """Makes the run of a command, as a module for TLC in a folder."""
    done = subprocess.run([QUORATE, *command, "--tla", folder], capture_output=True, text=True)
    line = " ".join(command)
    assert done.returncode == 0 or (may_fail and done.returncode == 1), f"quorate {line}: {done.stderr}"
    module = (folder / "Run.tla").read_text()
    return line, module[module.index("Run == [") : module.index("\nRuns == ")]


def command_of(bug):
    told = subprocess.run([QUORATE, "bugs", bug], capture_output=True, text=True, check=True).stdout
    return re.search(r"^Reproduce: +quorate (.+)$", told, re.MULTILINE)[1].split(), told


def tlc(folder, configuration, module):
    command = ["java", "-XX:+UseParallelGC", "-Xss64m", "-cp", JAR, "tlc2.TLC", "-workers", "2"]
    command += ["-config", configuration, module]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600).stdout


def states(said):
    """How many distinct states TLC has found."""
    counted = re.findall(r"([\d,]+) distinct states found, [\d,]+ states left", said)
    assert counted, said
    return int(counted[-1].replace(",", ""))


def judge(specification, kind, runs):
    """The last step that TLC took of each run, and the action that it refused after it, if it did."""
    folder = FOLDER / f"{specification}-{kind}"
    folder.mkdir()
    for path in SPECS.glob("*.tla"):
        shutil.copy(path, folder)
    # A refused run is no error here: which are refused is what is asked for. Invariants are, of every run.
    configuration = (SPECS / f"{specification}Trace.cfg").read_text().replace("  Accepted\n", "")
    (folder / "Batch.cfg").write_text(configuration)
    named = [run.replace("Run == ", f"Run{place} == ", 1) for place, (_, run) in enumerate(runs, 1)]
    every = ", ".join(f"Run{place}" for place in range(1, len(runs) + 1))
    (folder / "Batch.tla").write_text(
        f"---- MODULE Batch ----\nEXTENDS {specification}Trace\n\n" + "\n".join(named) + f"\nRuns == <<{every}>>\n====\n"
    )
    said = tlc(folder, "Batch.cfg", "Batch")
    assert "No error has been found" in said, said[-3000:]
    accepted = {int(run): int(steps) for run, steps in re.findall(r'<<"accepted", (\d+), (\d+)>>', said)}
    refused = {
        int(run): (int(step), int(event), action)
        for run, step, event, action in re.findall(r'<<"refused", (\d+), (\d+), (\d+), "(\w+)">>', said)
    }
    verdicts = []
    # Every step is a state of its own, and so are the beginning and the verdict.
    expected = 0
    for place, (line, run) in enumerate(runs, 1):
        steps = run.count("    [event |-> ")
        assert (place in accepted) != (place in refused), f"quorate {line}: no verdict, or two"
        if place in accepted:
            assert accepted[place] == steps, f"quorate {line}: {steps} steps, and TLC took {accepted[place]}"
            verdicts.append((line, steps, None, None))
            expected += steps + 2
        else:
            step, event, action = refused[place]
            verdicts.append((line, step - 1, event, action))
            expected += step + 1
    assert states(said) == expected, f"{specification}: {states(said)} states, and {expected} are expected"
    return verdicts


def moves(run):
    """How many steps of a run change something: what is only observed is no behaviour."""
    actions = re.findall(r'action \|-> "(\w+)"', run)
    return sum(action not in ("Observe", "CheckTerms", "Tick", "Forget", "Act", "Answer") for action in actions)


def stories():
    """The runs of all scenarios that can be judged: those of each specification, by their names."""
    judged = {specification: {} for specification in RIGHT}
    for path in sorted(Path("scenarios").glob("*/*")):
        name = "/".join(path.parts[-2:])
        folder = FOLDER / f"story-{path.parts[-2]}-{path.parts[-1]}"
        done = subprocess.run([QUORATE, "run", path, "--tla", folder], capture_output=True, text=True)
        if done.returncode == 2 and any(reason in done.stderr for reason in NOT_JUDGED):
            continue
        assert done.returncode == 0, f"quorate run {path}: {done.stderr}"
        module = (folder / "Run.tla").read_text()
        specification = re.search(r"^EXTENDS (\w+)Trace$", module, re.MULTILINE)[1]
        run = module[module.index("Run == [") : module.index("\nRuns == ")]
        judged[specification][name] = (f"run {name}", run)
    return judged


def right(specification):
    runs = [
        quorate(command, FOLDER / f"{specification}-right-{place}", False)
        for place, command in enumerate(RIGHT[specification])
    ]
    for line, run in runs:
        assert moves(run) >= STEPS_LEAST, f"quorate {line}: only {moves(run)} steps that change anything"
    restarts = sum('"Restart' in run for _, run in runs)
    assert 2 * restarts >= len(runs), f"{specification}: only {restarts} of {len(runs)} runs have restarts"
    safe = [
        quorate(command_of(bug)[0], FOLDER / f"{specification}-safe-{bug}", True)
        for bug in SAFE.get(specification, [])
    ]
    told = STORIES[specification]
    expected = [None] * len(runs + safe) + [STORIES_REFUSED.get(name) for name in told]
    verdicts = judge(specification, "right", runs + safe + list(told.values()))
    for wanted, (line, steps, event, action) in zip(expected, verdicts):
        said = f"refuses {action} at event {event}" if action else "refuses nothing"
        assert action == wanted, f"quorate {line}: TLC {said}, after {steps} steps; {wanted or 'nothing'} is expected"
    assert len(told) >= STORIES_LEAST[specification], f"only {len(told)} scenarios of {specification}"
    assert len(runs) >= LEAST[specification], f"only {len(runs)} runs of {specification}"
    steps = sum(steps for _, steps, _, _ in verdicts)
    refused = sum(action is not None for action in expected)
    return (
        f"{specification}: {len(runs)} random runs accepted, {restarts} of them with restarts, {len(safe)} of bugs that break"
        f" no safety, {len(told) - refused} scenarios; {refused} scenarios refused; {steps:,} steps"
    )


def wrong(specification):
    bugs = WRONG[specification]
    runs = [quorate(command_of(bug)[0], FOLDER / f"{specification}-wrong-{bug}", True) for bug in bugs]
    verdicts = judge(specification, "wrong", runs)
    for (bug, expected), (line, steps, event, action) in zip(bugs.items(), verdicts):
        assert action is not None, f"quorate {line}: TLC accepts the bug"
        assert action == expected, f"quorate {line}: TLC refuses {action} at event {event}, and not {expected}"
    steps = sum(steps for _, steps, _, _ in verdicts)
    assert len(bugs) >= 8
    return f"{specification}: {len(bugs)} bugs refused, each at its step, after {steps:,} steps that are right"


def model(specification):
    """The specification itself: safe as it is, and not without any of some rules."""
    folder = FOLDER / f"{specification}-model"
    folder.mkdir()
    for path in SPECS.glob("*.tla"):
        shutil.copy(path, folder)
    plain = (SPECS / f"{specification}Model.cfg").read_text()

    def check(name, configuration):
        (folder / f"{name}.cfg").write_text(configuration)
        return tlc(folder, f"{name}.cfg", f"{specification}Model")

    said = check("plain", plain)
    assert "No error has been found" in said, said[-3000:]
    found = states(said)
    assert found > 1000, f"a model of {found} states shows nothing"
    for place, (rule, smaller) in enumerate(BROKEN[specification]):
        configuration = plain.replace("CONSTANTS\n", f"CONSTANTS\n  {rule}\n", 1) if rule else plain
        for name, value in smaller.items():
            configuration, times = re.subn(rf"^  {name} = .*$", f"  {name} = {value}", configuration, flags=re.M)
            assert times == 1, name
        said = check(f"broken{place}", configuration)
        assert re.search(r"Invariant \w+ is violated", said), f"{specification} is safe with {rule or smaller}:\n{said[-2000:]}"
    return f"{specification}: safe in {found:,} states, unsafe without each of {len(BROKEN[specification])} rules"


def timed(work, specification):
    started = time.monotonic()
    told = work(specification)
    print(f"{told} ({time.monotonic() - started:.0f} s)", flush=True)


STORIES = stories()
unknown = set(STORIES_REFUSED) - {name for told in STORIES.values() for name in told}
assert not unknown, f"no such scenarios: {unknown}"
for work in (right, wrong, model):
    for specification in ("Paxos", "Raft", "Lease"):
        timed(work, specification)
