------------------------------ MODULE PaxosModel ---------------------------
(* Every behaviour of Paxos with two proposers, a few acceptors and learners, two ballots and two *)
(* values. Acceptors are alike, and so are values.                                               *)
EXTENDS Paxos, TLC

CONSTANTS Acceptors, Learners

Alike == Permutations(Acceptors) \cup Permutations(Values)

Spec == Start([proposers |-> {1, 2}, acceptors |-> Acceptors, learners |-> Learners]) /\ [][Next]_vars

(* The rules, broken one by one: what a model takes in place of a rule is not safe. *)
PromiseAnything(a, b) == promised[a] # b
AcceptAnything(a, b) == promised[a] # NoBallot
ProposeAnything(p, v) == IsQuorum({q.from : q \in attempt[p].promises})
AnyoneIsQuorum(S) == S # {}
NoBallotKept(n) == NoBallot
NoProposalKept(n) == NoProposal
============================================================================
