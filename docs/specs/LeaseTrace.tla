----------------------------- MODULE LeaseTrace -----------------------------
(* Whether runs are behaviours of leases from one granter. A run is a sequence of steps, each an *)
(* action with its parameters; the step that comes next must be possible in the state that those *)
(* before led to.                                                                                *)
EXTENDS Lease, Nanoseconds, Sequences, TLC

CONSTANT Traces    \* the runs

VARIABLES run,    \* which of them
          at      \* the step that comes next; negative if it is refused, 0 if there is none

Steps == Traces[run].steps

(* The terms that the nodes keep to are safe, for clocks as wrong as these: 3.                   *)
CheckTerms ==
  /\ IsWithin(terms.holder, terms.granter, terms.drift)
  /\ IsWithin(terms.holder, terms.silence, terms.drift)
  /\ UNCHANGED vars

(* What a process shows of its state. *)
Observe(e) ==
  /\ "silent" \in DOMAIN e => /\ grant.holder = e.holder /\ grant.token = e.token
                              /\ grant.expires = e.expires /\ silent.heard = (e.silent = 1)
  /\ "until" \in DOMAIN e => held[e.node] = [token |-> e.token, until |-> e.until]
  /\ "highest" \in DOMAIN e => highest = e.highest
  /\ UNCHANGED vars

Take(e) ==
  \/ e.action = "CheckTerms" /\ CheckTerms
  \/ e.action = "Tick" /\ Tick(e.now, e.clocks)
  \/ e.action = "ReceiveAsk" /\ ReceiveAsk(e.from, e.sent)
  \/ e.action = "Grant" /\ Grant(e.holder, e.token, e.sent)
  \/ e.action = "Renew" /\ e.token = grant.token /\ Renew(e.holder, e.sent)
  \/ e.action = "SendGranted" /\ SendGranted(e.holder, e.token, e.sent)
  \/ e.action = "SpendToken" /\ SpendToken(e.token)
  \/ e.action = "TakeRelease" /\ TakeRelease(e.holder, e.token, e.sent)
  \/ e.action = "Ask" /\ e.sent = clock[e.node] /\ Ask(e.node)
  \/ e.action = "Hold" /\ Hold(e.node, e.token, e.sent)
  \/ e.action = "Act" /\ Act(e.node, e.token)
  \/ e.action = "Expire" /\ Expire(e.node, e.token)
  \/ e.action = "GiveBack" /\ GiveBack(e.node, e.token)
  \/ e.action = "SendRelease" /\ SendRelease(e.node, e.token, e.sent)
  \/ e.action = "SendWrite" /\ SendWrite(e.node, e.token)
  \/ e.action = "AcceptWrite" /\ AcceptWrite(e.token)
  \/ e.action = "RestartBound" /\ RestartBound
  \/ e.action = "RestartSilent" /\ RestartSilent
  \/ e.action = "RestartHolder" /\ RestartHolder(e.node)
  \/ e.action = "Observe" /\ Observe(e)

Begun == run \in DOMAIN Traces /\ at = 1 /\ Start(Traces[run].cluster, Traces[run].terms)

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
