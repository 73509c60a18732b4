------------------------------ MODULE RaftModel ----------------------------
(* Raft with a few servers, as far as terms, logs and messages do not exceed some bounds. Servers *)
(* are alike.                                                                                    *)
EXTENDS Raft, TLC

CONSTANTS All, MaxTerm, MaxLog, MaxMessages

Alike == Permutations(All)

EmptyDisks == [n \in All |-> [term |-> 0, vote |-> Nobody, log |-> <<>>]]
Group == [servers |-> All, first |-> [voters |-> All, outgoing |-> {}, learners |-> {}],
          configurations |-> <<>>]

Spec == Start(Group, EmptyDisks) /\ [][Next]_vars

Within == /\ \A n \in All : term[n] <= MaxTerm /\ Len(log[n]) <= MaxLog
          /\ Cardinality(msgs) <= MaxMessages

(* The rules, broken one by one: what a model takes in place of a rule is not safe. *)
AlwaysHasVote(n) == TRUE
AnyoneIsQuorum(c, S) == S # {}
NoVoteKept(n) == Nobody
============================================================================
