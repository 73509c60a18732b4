------------------------------- MODULE Lease -------------------------------
(* A lease from one granter, as in "Leases" (Gray and Cheriton, 1989), with a resource that is   *)
(* fenced by tokens. Clocks may be wrong within a bound; what must hold is judged by true time.   *)
(* Each action makes at most one durable write or sends one message, because a crash may come    *)
(* between any two of those.                                                                     *)
(*                                                                                               *)
(* Processes and tokens are numbers. Time is whatever Plus and Before make of it: whole numbers in *)
(* the model, seconds and nanoseconds in a trace.                                                *)
EXTENDS Integers, FiniteSets

CONSTANTS Fallible,         \* who may crash
          Zero,             \* the beginning of time
          Plus(_, _),       \* the sum of two times
          Before(_, _),     \* whether a time is before another
          MayAdvance(_, _, _, _, _)   \* drift, true time, later true time, reading, later reading

VARIABLES cluster,    \* all processes, the granter, the holders; no step changes it
          terms,      \* how long each counts, and how wrong clocks may be; no step changes it
          now,        \* the true time, which nobody knows
          clock,      \* the reading of each process's own clock
          asked,      \* the newest question that the granter has received from each holder
          grant,      \* what binds the granter: holder, token, end, the newest question answered
          silent,     \* until when a granter that has forgotten its grants grants nothing
          lastToken,  \* durable: the newest token of the granter
          written,    \* durable: the granter's note of its last grant, unless that was given back
          held,       \* what a holder holds: its token, and the end of its term
          given,      \* what a holder has given back, and when
          booted,     \* when a holder started, on its own clock
          used,       \* the tokens that a holder has held since it started
          highest,    \* durable: the highest token that the resource has accepted
          msgs        \* every message sent: it may be lost, and may arrive late, twice or never

granting == <<asked, grant, silent, lastToken, written>>
holding == <<held, given, booted, used>>
vars == <<cluster, terms, now, clock, asked, grant, silent, lastToken, written, held, given, booted, used,
          highest, msgs>>

Nobody == 0
NoGrant == [holder |-> Nobody, token |-> 0, expires |-> Zero, renewedFor |-> Zero]
NoNote == [holder |-> Nobody, token |-> 0]
Nothing == [token |-> 0, until |-> Zero]
NotGiven == [token |-> 0, at |-> Zero]
Never == [heard |-> FALSE, at |-> Zero]
Hears(t) == [heard |-> TRUE, at |-> t]

NotAfter(s, t) == s = t \/ Before(s, t)

----------------------------------------------------------------------------
(* The rules. A model may override one of them to show what it is good for. *)

(* 3: a holder counts its term from when it asked, on its own clock. *)
EndOfTerm(h, sent) == Plus(sent, terms.holder)

(* A holder acts before the end of its term, and not at it. *)
MayAct(h) == held[h] # Nothing /\ Before(clock[h], held[h].until)

(* 2: a grant binds its granter through the last tick of its term, heard or not. *)
HasEnded == Before(grant.expires, clock[cluster.granter])
IsFree == grant = NoGrant \/ HasEnded

(* 5: a granter that has forgotten its grants waits until all of them are over. *)
IsSilent == silent.heard /\ NotAfter(clock[cluster.granter], silent.at)
Silence == Hears(Plus(clock[cluster.granter], terms.silence))

(* A grant asked for before a restart, or before a release, does not count after it. *)
IsOfThisLife(h, sent) == NotAfter(booted[h], sent)
IsAfterRelease(h, sent) == given[h] # NotGiven => Before(given[h].at, sent)

(* 4: a release frees the newest grant alone, and not if that was renewed for a later question.  *)
Frees(token, sent) == token = grant.token /\ Before(grant.renewedFor, sent)

(* Tokens rise from grant to grant. *)
IsNewToken(token) == token > lastToken

(* Chubby 2.4: a resource accepts no lower token than one that it has accepted. *)
MayAccept(token) == token >= highest

----------------------------------------------------------------------------
(* Time *)

(* True time passes, and each clock advances, as wrong as it may be. *)
Tick(t, readings) ==
  /\ Before(now, t)
  /\ \A n \in DOMAIN clock : MayAdvance(terms.drift, now, t, clock[n], readings[n])
  /\ now' = t /\ clock' = readings
  /\ UNCHANGED <<cluster, terms, granting, holding, highest, msgs>>

----------------------------------------------------------------------------
(* The granter *)

Send(m) == msgs' = msgs \cup {m}

ReceiveAsk(h, sent) ==
  /\ h \in cluster.holders /\ [type |-> "Ask", from |-> h, sent |-> sent] \in msgs
  /\ asked' = [asked EXCEPT ![h] = IF @.heard /\ NotAfter(sent, @.at) THEN @ ELSE Hears(sent)]
  /\ UNCHANGED <<cluster, terms, now, clock, grant, silent, lastToken, written, holding, highest, msgs>>

(* A holder counts from a time at which it asked, or from one before that. Zero is before all, so  *)
(* a grant that nobody has asked for counts from there.                                            *)
WasAsked(h, sent) == sent = Zero \/ (asked[h].heard /\ NotAfter(sent, asked[h].at))

(* 2: nobody else can hold the lease, so it is granted under a new token, which is noted on disk. *)
Grant(h, token, sent) ==
  /\ h \in cluster.holders /\ WasAsked(h, sent) /\ IsNewToken(token)
  /\ ~IsSilent /\ IsFree
  /\ lastToken' = token
  /\ written' = [holder |-> h, token |-> token]
  /\ grant' = [holder |-> h, token |-> token, expires |-> Plus(clock[cluster.granter], terms.granter),
               renewedFor |-> sent]
  /\ silent' = Never
  /\ UNCHANGED <<cluster, terms, now, clock, asked, holding, highest, msgs>>

(* 2: its holder asks before the grant has ended, and keeps its token. *)
Renew(h, sent) ==
  /\ grant.holder = h /\ h # Nobody /\ ~HasEnded /\ ~IsSilent /\ WasAsked(h, sent)
  /\ grant' = [grant EXCEPT !.expires = Plus(clock[cluster.granter], terms.granter),
                            !.renewedFor = IF Before(@, sent) THEN sent ELSE @]
  /\ UNCHANGED <<cluster, terms, now, clock, asked, silent, lastToken, written, holding, highest, msgs>>

SendGranted(h, token, sent) ==
  /\ grant.holder = h /\ grant.token = token /\ h # Nobody
  /\ WasAsked(h, sent) /\ NotAfter(sent, grant.renewedFor)
  /\ Send([type |-> "Granted", to |-> h, token |-> token, sent |-> sent])
  /\ UNCHANGED <<cluster, terms, now, clock, granting, holding, highest>>

(* A token for something else than this lease. *)
SpendToken(token) ==
  /\ IsNewToken(token)
  /\ lastToken' = token
  /\ UNCHANGED <<cluster, terms, now, clock, asked, grant, silent, written, holding, highest, msgs>>

(* 4: the holder gives the lease back, which is noted on disk. *)
TakeRelease(h, token, sent) ==
  /\ [type |-> "Release", from |-> h, token |-> token, sent |-> sent] \in msgs
  /\ grant # NoGrant /\ Frees(token, sent)
  /\ written' = IF written.token = token THEN NoNote ELSE written
  /\ grant' = NoGrant
  /\ UNCHANGED <<cluster, terms, now, clock, asked, silent, lastToken, holding, highest, msgs>>

----------------------------------------------------------------------------
(* The holder *)

Ask(h) ==
  /\ h \in cluster.holders
  /\ Send([type |-> "Ask", from |-> h, sent |-> clock[h]])
  /\ UNCHANGED <<cluster, terms, now, clock, granting, holding, highest>>

Hold(h, token, sent) ==
  /\ h \in cluster.holders /\ [type |-> "Granted", to |-> h, token |-> token, sent |-> sent] \in msgs
  /\ IsOfThisLife(h, sent) /\ IsAfterRelease(h, sent)
  /\ LET until == EndOfTerm(h, sent)
     IN /\ Before(clock[h], until)
        /\ held[h] = Nothing \/ Before(held[h].until, until)
        /\ held' = [held EXCEPT ![h] = [token |-> token, until |-> until]]
  /\ used' = [used EXCEPT ![h] = @ \cup {token}]
  /\ UNCHANGED <<cluster, terms, now, clock, granting, given, booted, highest, msgs>>

(* It acts as primary, in the very step in which it looks at its clock. *)
Act(h, token) ==
  /\ h \in cluster.holders /\ held[h].token = token /\ MayAct(h)
  /\ UNCHANGED vars

(* Its term is over. *)
Expire(h, token) ==
  /\ h \in cluster.holders /\ held[h] # Nothing /\ held[h].token = token
  /\ held' = [held EXCEPT ![h] = Nothing]
  /\ UNCHANGED <<cluster, terms, now, clock, granting, given, booted, used, highest, msgs>>

(* 4: it stops acting first, and then says so. *)
GiveBack(h, token) ==
  /\ h \in cluster.holders /\ held[h] # Nothing /\ held[h].token = token
  /\ held' = [held EXCEPT ![h] = Nothing]
  /\ given' = [given EXCEPT ![h] = [token |-> token, at |-> clock[h]]]
  /\ UNCHANGED <<cluster, terms, now, clock, granting, booted, used, highest, msgs>>

SendRelease(h, token, sent) ==
  /\ h \in cluster.holders /\ held[h] = Nothing /\ given[h].token = token /\ token # 0 /\ sent = clock[h]
  /\ Send([type |-> "Release", from |-> h, token |-> token, sent |-> sent])
  /\ UNCHANGED <<cluster, terms, now, clock, granting, holding, highest>>

(* A write carries the token that its writer held when it began. It may come late. *)
SendWrite(h, token) ==
  /\ h \in cluster.holders /\ token \in used[h]
  /\ Send([type |-> "Write", token |-> token])
  /\ UNCHANGED <<cluster, terms, now, clock, granting, holding, highest>>

----------------------------------------------------------------------------
(* The resource *)

AcceptWrite(token) ==
  /\ [type |-> "Write", token |-> token] \in msgs /\ MayAccept(token)
  /\ highest' = token
  /\ UNCHANGED <<cluster, terms, now, clock, granting, holding, msgs>>

----------------------------------------------------------------------------
(* A process starts again: its memory is gone, its disk is not. Clocks go on meanwhile. *)

(* 5: a granter whose last grant is on disk is bound by it anew, for a whole term. *)
RestartBound ==
  /\ written # NoNote
  /\ asked' = [h \in cluster.holders |-> Never]
  /\ grant' = [holder |-> written.holder, token |-> written.token,
               expires |-> Plus(clock[cluster.granter], terms.granter), renewedFor |-> Zero]
  /\ silent' = Never
  /\ UNCHANGED <<cluster, terms, now, clock, lastToken, written, holding, highest, msgs>>

(* 5: or it waits, unless it knows that nothing is granted. *)
RestartSilent ==
  /\ asked' = [h \in cluster.holders |-> Never]
  /\ grant' = NoGrant
  /\ silent' = IF written = NoNote THEN Never ELSE Silence
  /\ UNCHANGED <<cluster, terms, now, clock, lastToken, written, holding, highest, msgs>>

RestartHolder(h) ==
  /\ h \in cluster.holders
  /\ held' = [held EXCEPT ![h] = Nothing]
  /\ given' = [given EXCEPT ![h] = NotGiven]
  /\ booted' = [booted EXCEPT ![h] = clock[h]]
  /\ used' = [used EXCEPT ![h] = {}]
  /\ UNCHANGED <<cluster, terms, now, clock, granting, highest, msgs>>

----------------------------------------------------------------------------

Start(c, t) ==
  /\ cluster = c
  /\ terms = t
  /\ now = Zero
  /\ clock = [n \in c.processes |-> Zero]
  /\ asked = [h \in c.holders |-> Never]
  /\ grant = NoGrant
  /\ silent = Never
  /\ lastToken = 0
  /\ written = NoNote
  /\ held = [h \in c.holders |-> Nothing]
  /\ given = [h \in c.holders |-> NotGiven]
  /\ booted = [h \in c.holders |-> Zero]
  /\ used = [h \in c.holders |-> {}]
  /\ highest = 0
  /\ msgs = {}

(* Everything but the ticks, of which there are as many as there are true times. *)
Move ==
  \/ \E h \in cluster.holders :
       \/ Ask(h)
       \/ \E m \in msgs : m.type = "Ask" /\ m.from = h /\ ReceiveAsk(h, m.sent)
       \/ asked[h].heard /\ Grant(h, lastToken + 1, asked[h].at)
       \/ Grant(h, lastToken + 1, Zero)
       \/ asked[h].heard /\ Renew(h, asked[h].at)
       \/ SendGranted(h, grant.token, grant.renewedFor)
       \/ \E m \in msgs : m.type = "Granted" /\ m.to = h /\ Hold(h, m.token, m.sent)
       \/ Expire(h, held[h].token)
       \/ GiveBack(h, held[h].token)
       \/ SendRelease(h, given[h].token, clock[h])
       \/ \E token \in used[h] : SendWrite(h, token)
       \/ h \in Fallible /\ RestartHolder(h)
  \/ \E m \in msgs : m.type = "Release" /\ TakeRelease(m.from, m.token, m.sent)
  \/ \E m \in msgs : m.type = "Write" /\ AcceptWrite(m.token)
  \/ cluster.granter \in Fallible /\ (RestartBound \/ RestartSilent)

----------------------------------------------------------------------------
(* What must hold *)

(* At any true time at most one process may act. *)
AtMostOneHolder == \A g, h \in cluster.holders : MayAct(g) /\ MayAct(h) => g = h

(* What a holder holds is what binds the granter, unless the granter has started again. *)
HolderIsBound ==
  \A h \in cluster.holders : MayAct(h) /\ grant # NoGrant => grant.holder = h

Safety == AtMostOneHolder /\ HolderIsBound

============================================================================
