------------------------------ MODULE RaftTrace -----------------------------
(* Whether runs are behaviours of Raft. A run is a sequence of steps, each an action with its    *)
(* parameters; the step that comes next must be possible in the state that those before led to.  *)
EXTENDS Raft, TLC

CONSTANT Traces    \* the runs

VARIABLES run,    \* which of them
          at      \* the step that comes next; negative if it is refused, 0 if there is none

Steps == Traces[run].steps

(* A message of the run's table. A snapshot's takes along what it replaced, as its sender has it. *)
Message(k) == Traces[run].messages[k]
IsSame(m, k) == LET said == Message(k) IN IF said.type = "Snapshot"
  THEN m.type = "Snapshot" /\ m.from = said.from /\ m.term = said.term /\ m.last = said.last
  ELSE m = said
Arrived(k) == IF k # 0 /\ Message(k).type = "Snapshot"
  THEN {m \in msgs : IsSame(m, k)} ELSE IF k = 0 THEN {} ELSE {Message(k)}

(* What a server shows of its state, as far as that has changed. *)
Observe(e) ==
  /\ "term" \in DOMAIN e => term[e.node] = e.term
  /\ "vote" \in DOMAIN e => vote[e.node] = e.vote
  /\ "role" \in DOMAIN e => role[e.node] = e.role
  /\ "commit" \in DOMAIN e => commit[e.node] = e.commit
  /\ "last" \in DOMAIN e => Last(e.node) = e.last
  /\ "log" \in DOMAIN e => \A i \in DOMAIN e.log : i <= Len(log[e.node]) /\ log[e.node][i] = e.log[i]
  /\ "snapshot" \in DOMAIN e => /\ snapshot[e.node] = e.snapshot[2]
                                /\ TermAt(log[e.node], e.snapshot[2]) = e.snapshot[1]
  /\ "members" \in DOMAIN e => Configuration(e.node) = e.members
  /\ "votes" \in DOMAIN e => granted[e.node] = e.votes
  /\ "match" \in DOMAIN e => \A s \in DOMAIN e.match : match[e.node][s] = e.match[s]
  /\ UNCHANGED vars

(* The network may lose any message; what will not arrive any more need not be remembered. *)
Forget(e) ==
  /\ msgs' = {m \in msgs : ~\E k \in e.messages : IsSame(m, k)}
  /\ UNCHANGED <<cluster, durable, memory, history>>

Take(e) ==
  \/ e.action = "NewTerm" /\ NewTerm(e.node, e.term)
  \/ e.action = "Stand" /\ Stand(e.node)
  \/ e.action = "SendRequestVote" /\ SendRequestVote(e.node, Message(e.message))
  \/ e.action = "Vote" /\ Vote(e.node, e.candidate)
  \/ e.action = "SendVote" /\ SendVote(e.node, Message(e.message))
  \/ e.action = "ReceiveVote" /\ ReceiveVote(e.node, Message(e.message))
  \/ e.action = "BecomeLeader" /\ e.term = term[e.node] /\ BecomeLeader(e.node)
  \/ e.action = "StepDown" /\ IF role[e.node] = "follower" THEN UNCHANGED vars ELSE StepDown(e.node)
  \/ e.action = "SendWord" /\ SendWord(e.node, Message(e.message))
  \/ e.action = "AppendOwn" /\ /\ e.previous = Len(log[e.node]) /\ Len(e.entries) = 1
                               /\ e.entries[1][1] = term[e.node]
                               /\ AppendOwn(e.node, e.entries[1][2])
  \/ e.action = "SendAppend" /\ SendAppend(e.node, Message(e.message))
  \/ e.action = "Truncate" /\ \E m \in Arrived(e.message) : Truncate(e.node, m, e.from)
  \/ e.action = "Store" /\ /\ e.previous = Len(log[e.node])
                           /\ \E m \in Arrived(e.message) :
                                /\ Store(e.node, m)
                                /\ SubSeq(m.entries, e.previous - m.previous[2] + 1, Len(m.entries)) = e.entries
  \/ e.action = "SendAck" /\ \E m \in Arrived(e.request) : SendAck(e.node, m, Message(e.message))
  \/ e.action = "ReceiveAck" /\ ReceiveAck(e.node, Message(e.message))
  \/ e.action = "LeaderCommit" /\ LeaderCommit(e.node, e.index) /\ log[e.node][e.index] = e.entry
  \/ e.action = "FollowerCommit" /\ /\ \E m \in Arrived(e.message) : FollowerCommit(e.node, m, e.index)
                                    /\ log[e.node][e.index] = e.entry
  \/ e.action = "TakeSnapshot" /\ /\ TakeSnapshot(e.node, e.last[2], e.members)
                                  /\ TermAt(log[e.node], e.last[2]) = e.last[1]
  \/ e.action = "SendSnapshot" /\ /\ SendSnapshot(e.node, Message(e.message).last[2], e.members)
                                  /\ IsSame(SnapshotMessage(e.node, Message(e.message).last[2]), e.message)
  \/ e.action = "Install" /\ \E m \in Arrived(e.message) : m.last = e.last /\ Install(e.node, m, e.members)
  \/ e.action = "Restart" /\ Restart(e.node)
  \/ e.action = "Observe" /\ Observe(e)
  \/ e.action = "Forget" /\ Forget(e)

Begun == run \in DOMAIN Traces /\ at = 1 /\ Start(Traces[run].cluster, Traces[run].disks)

Go == /\ at \in DOMAIN Steps
      /\ \E e \in {Steps[at]} : Take(e)
      /\ at' = at + 1 /\ run' = run

Stop == /\ at \in DOMAIN Steps
        /\ \E e \in {Steps[at]} : ~ENABLED Take(e)
        /\ PrintT(<<"refused", run, at, Steps[at].event, Steps[at].action>>)
        /\ at' = -at /\ UNCHANGED <<run, vars>>

End == /\ at = Len(Steps) + 1
       /\ PrintT(<<"accepted", run, Len(Steps)>>)
       /\ at' = 0 /\ UNCHANGED <<run, vars>>

Rest == at <= 0 /\ UNCHANGED <<run, at, vars>>

Judging == Begun /\ [][Go \/ Stop \/ End \/ Rest]_<<run, at, vars>>

Accepted == at >= 0
=============================================================================
