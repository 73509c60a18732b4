------------------------------ MODULE LeaseModel ---------------------------
(* A granter whose clock is as fast as may be, a holder whose clock is as slow, and one between. A *)
(* unit of true time is one to three ticks, so that two ticks of a holder are six of the granter. *)
EXTENDS Lease, TLC

CONSTANTS HolderTerm, GranterTerm, SilenceTerm, MaxTime, MaxMessages

Sum(s, t) == s + t
Less(s, t) == s < t
Start0 == 0
AtAnyRate(drift, before, after, reading, later) == TRUE

Q == 1
Rate == (Q :> 3) @@ (2 :> 1) @@ (3 :> 2)

Clocks == [processes |-> {1, 2, 3}, granter |-> Q, holders |-> {2, 3}]
Terms == [holder |-> HolderTerm, granter |-> GranterTerm, silence |-> SilenceTerm, drift |-> 0]

Pass == now < MaxTime /\ Tick(now + 1, [n \in DOMAIN clock |-> clock[n] + Rate[n]])

Spec == Start(Clocks, Terms) /\ [][Move \/ Pass]_vars

Within == Cardinality(msgs) <= MaxMessages

(* The rules, broken one by one: what a model takes in place of a rule is not safe. *)
EndsAtOnce == TRUE
NeverSilent == FALSE
EndAfterReceipt(h, sent) == Plus(clock[h], terms.holder)
============================================================================
