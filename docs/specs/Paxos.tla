------------------------------- MODULE Paxos -------------------------------
(* The single-decree Synod of "Paxos Made Simple" (Lamport, 2001), with processes that crash and *)
(* restart. Each action makes at most one durable write or sends one message, because a crash may *)
(* come between any two of those.                                                                *)
(*                                                                                               *)
(* Processes, rounds and values are numbers. A ballot is a pair: the round, and the proposer that *)
(* owns the ballot. Ballots are compared by their rounds first.                                  *)
EXTENDS Integers, FiniteSets

CONSTANTS Rounds,   \* the rounds that proposers may try
          Values,   \* what may be proposed
          Fallible  \* who may crash

VARIABLES cluster,    \* who plays which role; no step changes it
          tried,      \* durable: the highest ballot that a proposer has begun
          promised,   \* durable: the highest ballot that an acceptor has promised
          accepted,   \* durable: the proposal that an acceptor has accepted last
          attempt,    \* the running ballot of a proposer: its promises, and its value in phase 2
          decided,    \* what a proposer knows to be chosen
          counted,    \* the votes that a learner has received
          learned,    \* what a learner knows to be chosen
          msgs,       \* every message sent: it may be lost, and may arrive late, twice or never
          votes       \* history: every vote ever cast

durable == <<tried, promised, accepted>>
memory == <<attempt, decided, counted, learned>>
vars == <<cluster, tried, promised, accepted, attempt, decided, counted, learned, msgs, votes>>

----------------------------------------------------------------------------
(* Ballots and quorums *)

NoValue == 0
NoBallot == <<0, 0>>
NoProposal == [ballot |-> NoBallot, value |-> NoValue]
Idle == [ballot |-> NoBallot, promises |-> {}, value |-> NoValue]

b \prec c == b[1] < c[1] \/ (b[1] = c[1] /\ b[2] < c[2])
b \preceq c == b = c \/ b \prec c

Ballots(p) == {<<round, p>> : round \in Rounds}

IsQuorum(S) == 2 * Cardinality(S) > Cardinality(cluster.acceptors)

(* The proposal of the highest ballot among some; NoProposal if there are none. *)
Highest(proposals) ==
  IF proposals = {} THEN NoProposal
  ELSE CHOOSE p \in proposals : \A q \in proposals : q.ballot \preceq p.ballot

----------------------------------------------------------------------------
(* The rules. A model may override one of them to show what it is good for. *)

(* P1a: an acceptor promises only a ballot above all that it has promised. *)
MayPromise(a, b) == promised[a] \prec b

(* P1a: an acceptor accepts nothing below its promise. It has promised what it accepts. *)
MayAccept(a, b) == promised[a] = b

(* P2c: with the promises of a quorum, the value of the highest ballot that they report, or any. *)
MayPropose(p, v) ==
  LET reported == {q.accepted : q \in attempt[p].promises} \ {NoProposal}
  IN /\ IsQuorum({q.from : q \in attempt[p].promises})
     /\ reported = {} \/ v = Highest(reported).value

(* 2.3: a value is chosen when a quorum has accepted it in one ballot. *)
IsChosenBy(cast, b, v) == IsQuorum({vote.from : vote \in {w \in cast : w.ballot = b /\ w.value = v}})

(* 2.2, 2.5: what a restart finds on disk. *)
TriedAfterRestart(p) == tried[p]
PromisedAfterRestart(a) == promised[a]
AcceptedAfterRestart(a) == accepted[a]

----------------------------------------------------------------------------
(* The proposer *)

Send(m) == msgs' = msgs \cup {m}

(* Phase 1(a) begins with a ballot never used before, noted on disk. *)
Begin(p, b) ==
  /\ p \in cluster.proposers /\ b[2] = p /\ tried[p] \prec b
  /\ tried' = [tried EXCEPT ![p] = b]
  /\ attempt' = [attempt EXCEPT ![p] = [ballot |-> b, promises |-> {}, value |-> NoValue]]
  /\ UNCHANGED <<cluster, promised, accepted, decided, counted, learned, msgs, votes>>

SendPrepare(p, b) ==
  /\ p \in cluster.proposers /\ attempt[p].ballot = b /\ b # NoBallot
  /\ Send([type |-> "Prepare", ballot |-> b])
  /\ UNCHANGED <<cluster, durable, memory, votes>>

(* A promise counts in the ballot that it is for, and once for each acceptor. *)
ReceivePromise(p, m) ==
  /\ p \in cluster.proposers /\ m \in msgs /\ m.type = "Promise"
  /\ attempt' = IF m.ballot = attempt[p].ballot /\ attempt[p].value = NoValue
                THEN [attempt EXCEPT ![p].promises = @ \cup {[from |-> m.from, accepted |-> m.accepted]}]
                ELSE attempt
  /\ UNCHANGED <<cluster, durable, decided, counted, learned, msgs, votes>>

(* Phase 2(a): the ballot gets its one value. *)
Propose(p, b, v) ==
  /\ p \in cluster.proposers /\ attempt[p].ballot = b /\ b # NoBallot /\ attempt[p].value = NoValue
  /\ MayPropose(p, v)
  /\ attempt' = [attempt EXCEPT ![p].value = v]
  /\ UNCHANGED <<cluster, durable, decided, counted, learned, msgs, votes>>

SendAccept(p, b, v) ==
  /\ p \in cluster.proposers /\ attempt[p].ballot = b /\ attempt[p].value = v /\ v # NoValue
  /\ Send([type |-> "Accept", ballot |-> b, value |-> v])
  /\ UNCHANGED <<cluster, durable, memory, votes>>

(* A learner's news reaches a proposer, which may then answer its clients. *)
Decide(p, v) ==
  /\ p \in cluster.proposers /\ [type |-> "Chosen", value |-> v] \in msgs
  /\ decided' = [decided EXCEPT ![p] = v]
  /\ UNCHANGED <<cluster, durable, attempt, counted, learned, msgs, votes>>

----------------------------------------------------------------------------
(* The acceptor *)

(* Phase 1(b), or the first half of phase 2(b): a higher ballot is promised, on disk. *)
Promise(a, b) ==
  /\ a \in cluster.acceptors
  /\ \E m \in msgs : m.type \in {"Prepare", "Accept"} /\ m.ballot = b
  /\ MayPromise(a, b)
  /\ promised' = [promised EXCEPT ![a] = b]
  /\ UNCHANGED <<cluster, tried, accepted, memory, msgs, votes>>

(* A promise tells what was accepted last. *)
SendPromise(a, b, proposal) ==
  /\ a \in cluster.acceptors /\ promised[a] = b /\ b # NoBallot /\ accepted[a] = proposal
  /\ Send([type |-> "Promise", from |-> a, ballot |-> b, accepted |-> proposal])
  /\ UNCHANGED <<cluster, durable, memory, votes>>

(* Phase 2(b): a vote is on disk before anybody hears of it. *)
Accept(a, b, v) ==
  /\ a \in cluster.acceptors /\ [type |-> "Accept", ballot |-> b, value |-> v] \in msgs
  /\ MayAccept(a, b)
  /\ accepted' = [accepted EXCEPT ![a] = [ballot |-> b, value |-> v]]
  /\ votes' = votes \cup {[from |-> a, ballot |-> b, value |-> v]}
  /\ UNCHANGED <<cluster, tried, promised, memory, msgs>>

SendAccepted(a, b, v) ==
  /\ a \in cluster.acceptors /\ accepted[a] = [ballot |-> b, value |-> v] /\ b # NoBallot
  /\ Send([type |-> "Accepted", from |-> a, ballot |-> b, value |-> v])
  /\ UNCHANGED <<cluster, durable, memory, votes>>

----------------------------------------------------------------------------
(* The learner *)

ReceiveAccepted(l, m) ==
  /\ l \in cluster.learners /\ m \in msgs /\ m.type = "Accepted"
  /\ counted' = [counted EXCEPT ![l] = @ \cup {[from |-> m.from, ballot |-> m.ballot, value |-> m.value]}]
  /\ UNCHANGED <<cluster, durable, attempt, decided, learned, msgs, votes>>

(* By its own count, or because another learner says so. *)
Learn(l, b, v) ==
  /\ l \in cluster.learners
  /\ IsChosenBy(counted[l], b, v) \/ [type |-> "Chosen", value |-> v] \in msgs
  /\ learned' = [learned EXCEPT ![l] = v]
  /\ UNCHANGED <<cluster, durable, attempt, decided, counted, msgs, votes>>

SendChosen(l, v) ==
  /\ l \in cluster.learners /\ learned[l] = v /\ v # NoValue
  /\ Send([type |-> "Chosen", value |-> v])
  /\ UNCHANGED <<cluster, durable, memory, votes>>

----------------------------------------------------------------------------
(* A process crashes: its memory is gone, its disk is not. While it is down it takes no step. *)

Restart(n) ==
  /\ tried' = IF n \in cluster.proposers THEN [tried EXCEPT ![n] = TriedAfterRestart(n)] ELSE tried
  /\ promised' = IF n \in cluster.acceptors THEN [promised EXCEPT ![n] = PromisedAfterRestart(n)] ELSE promised
  /\ accepted' = IF n \in cluster.acceptors THEN [accepted EXCEPT ![n] = AcceptedAfterRestart(n)] ELSE accepted
  /\ attempt' = IF n \in cluster.proposers THEN [attempt EXCEPT ![n] = Idle] ELSE attempt
  /\ decided' = IF n \in cluster.proposers THEN [decided EXCEPT ![n] = NoValue] ELSE decided
  /\ counted' = IF n \in cluster.learners THEN [counted EXCEPT ![n] = {}] ELSE counted
  /\ learned' = IF n \in cluster.learners THEN [learned EXCEPT ![n] = NoValue] ELSE learned
  /\ UNCHANGED <<cluster, msgs, votes>>

----------------------------------------------------------------------------

Start(c) ==
  /\ cluster = c
  /\ tried = [p \in c.proposers |-> NoBallot]
  /\ promised = [a \in c.acceptors |-> NoBallot]
  /\ accepted = [a \in c.acceptors |-> NoProposal]
  /\ attempt = [p \in c.proposers |-> Idle]
  /\ decided = [p \in c.proposers |-> NoValue]
  /\ counted = [l \in c.learners |-> {}]
  /\ learned = [l \in c.learners |-> NoValue]
  /\ msgs = {}
  /\ votes = {}

Next ==
  \/ \E p \in cluster.proposers :
       \/ \E b \in Ballots(p) : Begin(p, b)
       \/ SendPrepare(p, attempt[p].ballot)
       \/ \E m \in msgs : ReceivePromise(p, m)
       \/ \E v \in Values : Propose(p, attempt[p].ballot, v)
       \/ SendAccept(p, attempt[p].ballot, attempt[p].value)
       \/ \E v \in Values : Decide(p, v)
  \/ \E a \in cluster.acceptors :
       \/ \E m \in msgs : m.type \in {"Prepare", "Accept"} /\ Promise(a, m.ballot)
       \/ SendPromise(a, promised[a], accepted[a])
       \/ \E m \in msgs : m.type = "Accept" /\ Accept(a, m.ballot, m.value)
       \/ SendAccepted(a, accepted[a].ballot, accepted[a].value)
  \/ \E l \in cluster.learners :
       \/ \E m \in msgs : ReceiveAccepted(l, m)
       \/ \E w \in counted[l] : Learn(l, w.ballot, w.value)
       \/ \E v \in Values : Learn(l, NoBallot, v)
       \/ SendChosen(l, learned[l])
  \/ \E n \in Fallible : Restart(n)

----------------------------------------------------------------------------
(* What must hold *)

IsChosen(v) == \E b \in {vote.ballot : vote \in votes} : IsChosenBy(votes, b, v)

(* 2.1: only a single value is chosen. *)
AtMostOneChosen == \A v, w \in {vote.value : vote \in votes} : IsChosen(v) /\ IsChosen(w) => v = w

(* 2.1: a process never learns that a value has been chosen unless it has been. *)
LearnedWasChosen ==
  /\ \A l \in cluster.learners : learned[l] # NoValue => IsChosen(learned[l])
  /\ \A p \in cluster.proposers : decided[p] # NoValue => IsChosen(decided[p])

(* A ballot has one value, and its acceptors have promised it. *)
VotesAreSound ==
  /\ \A v, w \in votes : v.ballot = w.ballot => v.value = w.value
  /\ \A v \in votes : v.ballot \preceq promised[v.from] /\ v.ballot \preceq accepted[v.from].ballot

Safety == AtMostOneChosen /\ LearnedWasChosen /\ VotesAreSound

============================================================================
