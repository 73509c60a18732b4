----------------------------- MODULE PaxosTrace -----------------------------
(* Whether runs are behaviours of Paxos. A run is a sequence of steps, each an action with its   *)
(* parameters; the step that comes next must be possible in the state that those before led to.  *)
EXTENDS Paxos, Sequences, TLC

CONSTANT Traces    \* the runs

VARIABLES run,    \* which of them
          at      \* the step that comes next; negative if it is refused, 0 if there is none

Steps == Traces[run].steps

(* What a process shows of its state. It shows the roles that it plays. *)
Observe(e) ==
  /\ "tried" \in DOMAIN e => tried[e.node] = e.tried
  /\ "decided" \in DOMAIN e => decided[e.node] = e.decided
  /\ "promises" \in DOMAIN e => {p.from : p \in attempt[e.node].promises} = e.promises
  /\ "promised" \in DOMAIN e => promised[e.node] = e.promised
  /\ "accepted" \in DOMAIN e => accepted[e.node] = e.accepted
  /\ "learned" \in DOMAIN e => learned[e.node] = e.learned
  /\ UNCHANGED vars

(* A client is told what is known to be chosen. *)
Answer(p, v) == p \in cluster.proposers /\ decided[p] = v /\ v # NoValue /\ UNCHANGED vars

Take(e) ==
  \/ e.action = "Begin" /\ Begin(e.node, e.ballot)
  \/ e.action = "SendPrepare" /\ SendPrepare(e.node, e.ballot)
  \/ e.action = "ReceivePromise" /\
       ReceivePromise(e.node, [type |-> "Promise", from |-> e.from, ballot |-> e.ballot, accepted |-> e.accepted])
  \/ e.action = "Propose" /\ Propose(e.node, e.ballot, e.value)
  \/ e.action = "SendAccept" /\ SendAccept(e.node, e.ballot, e.value)
  \/ e.action = "Decide" /\ Decide(e.node, e.value)
  \/ e.action = "Answer" /\ Answer(e.node, e.value)
  \/ e.action = "Promise" /\ Promise(e.node, e.ballot)
  \/ e.action = "SendPromise" /\ SendPromise(e.node, e.ballot, e.accepted)
  \/ e.action = "Accept" /\ Accept(e.node, e.ballot, e.value)
  \/ e.action = "SendAccepted" /\ SendAccepted(e.node, e.ballot, e.value)
  \/ e.action = "ReceiveAccepted" /\
       ReceiveAccepted(e.node, [type |-> "Accepted", from |-> e.from, ballot |-> e.ballot, value |-> e.value])
  \/ e.action = "Learn" /\ Learn(e.node, e.ballot, e.value)
  \/ e.action = "SendChosen" /\ SendChosen(e.node, e.value)
  \/ e.action = "Restart" /\ Restart(e.node)
  \/ e.action = "Observe" /\ Observe(e)

Begun == run \in DOMAIN Traces /\ at = 1 /\ Start(Traces[run].cluster)

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
