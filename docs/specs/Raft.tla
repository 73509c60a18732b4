-------------------------------- MODULE Raft --------------------------------
(* Raft as in "In Search of an Understandable Consensus Algorithm (Extended Version)" (Ongaro and *)
(* Ousterhout, 2014), with changes of members as in Ongaro's dissertation (chapter 4, and the    *)
(* correction of 2015). Each action makes at most one durable write or sends one message, because a *)
(* crash may come between any two of those.                                                      *)
(*                                                                                               *)
(* Servers, terms and values are numbers. An entry is a pair: its term and its value. A value may *)
(* stand for a configuration. Logs are whole: a snapshot is the index up to which a server has   *)
(* replaced its log, and what it replaced is still there as history.                             *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS Values,    \* what clients may ask for
          Fallible   \* who may crash

VARIABLES cluster,    \* servers, first configuration, configurations by value; no step changes it
          term,       \* durable: a server's current term
          vote,       \* durable: whom it has voted for in that term
          log,        \* durable: its entries
          snapshot,   \* durable: the index up to which a snapshot replaces its log
          role,       \* "follower", "candidate" or "leader"
          commit,     \* up to where it knows its log to be committed
          granted,    \* a candidate's votes
          match,      \* up to where a leader knows others to agree
          msgs,       \* every message sent: it may be lost, and may arrive late, twice or never
          leaders,    \* history: who was elected, and when
          committed   \* history: the committed entries, each with the term of its commitment

durable == <<term, vote, log, snapshot>>
memory == <<role, commit, granted, match>>
history == <<leaders, committed>>
vars == <<cluster, term, vote, log, snapshot, role, commit, granted, match, msgs, leaders, committed>>

Servers == cluster.servers
Nobody == 0

----------------------------------------------------------------------------
(* Logs and configurations *)

TermAt(entries, i) == IF i = 0 THEN 0 ELSE entries[i][1]
Last(n) == <<TermAt(log[n], Len(log[n])), Len(log[n])>>
UpTo(entries, i) == SubSeq(entries, 1, i)
Max(a, b) == IF a > b THEN a ELSE b
Min(a, b) == IF a < b THEN a ELSE b

IsConfiguration(v) == v \in DOMAIN cluster.configurations

(* The index of the newest configuration among the first i entries, and the configuration. *)
ConfigurationIndex(entries, i) ==
  LET those == {j \in 1..i : IsConfiguration(entries[j][2])}
  IN IF those = {} THEN 0 ELSE CHOOSE j \in those : \A k \in those : k <= j
ConfigurationAt(entries, i) ==
  LET j == ConfigurationIndex(entries, i)
  IN IF j = 0 THEN cluster.first ELSE cluster.configurations[entries[j][2]]

(* The configuration in force is the newest in the log, committed or not. *)
Configuration(n) == ConfigurationAt(log[n], Len(log[n]))
Members(c) == c.voters \cup c.outgoing \cup c.learners

IsMajority(S, group) == 2 * Cardinality(S \cap group) > Cardinality(group)

----------------------------------------------------------------------------
(* The rules. A model may override one of them to show what it is good for. *)

(* 5.2; 6: a majority of the voters, in joint consensus also of those on their way out. *)
IsQuorum(c, S) == IsMajority(S, c.voters) /\ (c.outgoing = {} \/ IsMajority(S, c.outgoing))

(* 5.2: one vote in a term. *)
HasVote(n) == vote[n] = Nobody

(* 5.4.1: the later last term, and with equal terms the longer log. *)
IsUpToDate(theirs, mine) == theirs[1] > mine[1] \/ (theirs[1] = mine[1] /\ theirs[2] >= mine[2])

(* 5.3: the entry before the new ones is here, with the same term. *)
Fits(n, m) == m.previous[2] <= Len(log[n]) /\ TermAt(log[n], m.previous[2]) = m.previous[1]

(* 5.4.2: a leader counts copies only of entries of its own term. *)
MayCommit(n, i) == log[n][i][1] = term[n]

(* Dissertation 4.1, corrected in 2015; 4.3: one change at a time, after an entry of the leader's *)
(* own term is committed: by one voter, into joint consensus, or out of it.                      *)
MayChange(n, next) ==
  LET now == Configuration(n)
      differing == (now.voters \ next.voters) \cup (next.voters \ now.voters)
  IN /\ ConfigurationIndex(log[n], Len(log[n])) <= commit[n]
     /\ commit[n] > 0 /\ log[n][commit[n]][1] = term[n]
     /\ IF now.outgoing # {} THEN next = [now EXCEPT !.outgoing = {}]
        ELSE \/ next.outgoing = {} /\ Cardinality(differing) <= 1
             \/ next.outgoing = now.voters

(* Figure 2: what a restart finds on disk. *)
VoteAfterRestart(n) == vote[n]
LogAfterRestart(n) == log[n]

----------------------------------------------------------------------------
(* Terms and elections *)

Send(m) == msgs' = msgs \cup {m}

(* 5.1, 5.2: a message is of a later term, or the server's patience is at an end. Nobody has its *)
(* vote in the new term yet.                                                                     *)
NewTerm(n, t) ==
  /\ n \in Servers /\ t > term[n]
  /\ t = term[n] + 1 \/ \E m \in msgs : m.term = t
  /\ term' = [term EXCEPT ![n] = t]
  /\ vote' = [vote EXCEPT ![n] = Nobody]
  /\ role' = [role EXCEPT ![n] = "follower"]
  /\ granted' = [granted EXCEPT ![n] = {}]
  /\ UNCHANGED <<cluster, log, snapshot, commit, match, msgs, history>>

(* 5.2: it stands for election, and votes for itself. *)
Stand(n) ==
  /\ n \in Servers /\ HasVote(n) /\ role[n] = "follower" /\ term[n] > 0
  /\ vote' = [vote EXCEPT ![n] = n]
  /\ role' = [role EXCEPT ![n] = "candidate"]
  /\ granted' = [granted EXCEPT ![n] = {n}]
  /\ UNCHANGED <<cluster, term, log, snapshot, commit, match, msgs, history>>

SendRequestVote(n, m) ==
  /\ n \in Servers /\ role[n] = "candidate"
  /\ m = [type |-> "RequestVote", from |-> n, term |-> term[n], last |-> Last(n)]
  /\ Send(m)
  /\ UNCHANGED <<cluster, durable, memory, history>>

(* 5.2, 5.4.1: the vote is on disk before anybody hears of it. *)
Vote(n, c) ==
  /\ n \in Servers /\ c # n /\ HasVote(n)
  /\ \E m \in msgs : /\ m.type = "RequestVote" /\ m.from = c /\ m.term = term[n]
                     /\ IsUpToDate(m.last, Last(n))
  /\ vote' = [vote EXCEPT ![n] = c]
  /\ UNCHANGED <<cluster, term, log, snapshot, memory, msgs, history>>

SendVote(n, m) ==
  /\ n \in Servers /\ vote[n] # n /\ vote[n] # Nobody
  /\ m = [type |-> "Vote", from |-> n, to |-> vote[n], term |-> term[n]]
  /\ Send(m)
  /\ UNCHANGED <<cluster, durable, memory, history>>

(* A vote counts in the term that it is for, and once for each voter. *)
ReceiveVote(n, m) ==
  /\ n \in Servers /\ m \in msgs /\ m.type = "Vote" /\ m.to = n
  /\ granted' = IF role[n] = "candidate" /\ m.term = term[n]
                THEN [granted EXCEPT ![n] = @ \cup {m.from}] ELSE granted
  /\ UNCHANGED <<cluster, durable, role, commit, match, msgs, history>>

BecomeLeader(n) ==
  /\ n \in Servers /\ role[n] = "candidate" /\ IsQuorum(Configuration(n), granted[n])
  /\ role' = [role EXCEPT ![n] = "leader"]
  /\ match' = [match EXCEPT ![n] = [s \in Servers |-> 0]]
  /\ leaders' = leaders \cup {<<term[n], n>>}
  /\ UNCHANGED <<cluster, durable, commit, granted, msgs, committed>>

(* A candidate hears the leader of its term; a leader gives up. *)
StepDown(n) ==
  /\ n \in Servers /\ role[n] # "follower"
  /\ role' = [role EXCEPT ![n] = "follower"]
  /\ UNCHANGED <<cluster, durable, commit, granted, match, msgs, history>>

(* A message of which nothing matters but its term: a refusal, or a leader's wish to be followed. *)
SendWord(n, m) ==
  /\ n \in Servers /\ m = [type |-> "Word", term |-> term[n]]
  /\ Send(m)
  /\ UNCHANGED <<cluster, durable, memory, history>>

----------------------------------------------------------------------------
(* Replication *)

(* 5.3; 6: a leader appends to its own log. Who leaves the configuration is forgotten. *)
AppendOwn(n, v) ==
  /\ n \in Servers /\ role[n] = "leader"
  /\ IsConfiguration(v) => MayChange(n, cluster.configurations[v])
  /\ log' = [log EXCEPT ![n] = Append(@, <<term[n], v>>)]
  /\ match' = IF IsConfiguration(v)
              THEN [match EXCEPT ![n] = [s \in Servers |->
                      IF s \in Members(cluster.configurations[v]) THEN match[n][s] ELSE 0]]
              ELSE match
  /\ UNCHANGED <<cluster, term, vote, snapshot, role, commit, granted, msgs, history>>

(* 5.3: a leader sends what stands in its log, from any place; nothing, as a heartbeat. *)
SendAppend(n, m) ==
  /\ n \in Servers /\ role[n] = "leader" /\ m.type = "Append" /\ m.from = n /\ m.term = term[n]
  /\ LET i == m.previous[2]
     IN /\ i + Len(m.entries) <= Len(log[n])
        /\ m.previous[1] = TermAt(log[n], i)
        /\ m.entries = SubSeq(log[n], i + 1, i + Len(m.entries))
  /\ m.commit <= commit[n]
  /\ Send(m)
  /\ UNCHANGED <<cluster, durable, memory, history>>

(* Whether a leader's message is for this server now: of its own term, behind an entry it has.     *)
Heeds(n, m) == n \in Servers /\ m \in msgs /\ m.type = "Append" /\ m.term = term[n] /\ Fits(n, m)
Covered(m) == m.previous[2] + Len(m.entries)

(* Whether a log has an append's entries up to an index, which it covers. *)
Agrees(n, m, i) ==
  /\ i <= Len(log[n]) /\ i <= Covered(m)
  /\ \A j \in m.previous[2] + 1 .. i : log[n][j][1] = m.entries[j - m.previous[2]][1]

(* 5.3: an entry that conflicts with the leader's goes, and all that follow it. *)
Truncate(n, m, i) ==
  /\ Heeds(n, m) /\ i > m.previous[2] /\ i <= Covered(m) /\ i <= Len(log[n])
  /\ Agrees(n, m, i - 1) /\ log[n][i][1] # m.entries[i - m.previous[2]][1]
  /\ log' = [log EXCEPT ![n] = UpTo(@, i - 1)]
  /\ UNCHANGED <<cluster, term, vote, snapshot, memory, msgs, history>>

(* 5.3: what is new goes behind what is here. *)
Store(n, m) ==
  /\ Heeds(n, m) /\ Len(log[n]) < Covered(m) /\ Agrees(n, m, Len(log[n]))
  /\ log' = [log EXCEPT ![n] = UpTo(@, m.previous[2]) \o m.entries]
  /\ UNCHANGED <<cluster, term, vote, snapshot, memory, msgs, history>>

(* 5.3: an acknowledgement says what the append covered and is on disk, or what a snapshot did. *)
SendAck(n, request, m) ==
  /\ n \in Servers /\ request \in msgs /\ request.term = term[n]
  /\ m = [type |-> "Ack", from |-> n, to |-> request.from, term |-> term[n], matched |-> m.matched]
  /\ \/ Heeds(n, request) /\ Agrees(n, request, m.matched)
     \/ request.type = "Snapshot" /\ m.matched <= request.last[2] /\ m.matched <= commit[n]
  /\ Send(m)
  /\ UNCHANGED <<cluster, durable, memory, history>>

(* An acknowledgement counts in its own term, and one that is late lowers nothing. *)
ReceiveAck(n, m) ==
  /\ n \in Servers /\ m \in msgs /\ m.type = "Ack" /\ m.to = n
  /\ match' = IF role[n] = "leader" /\ m.term = term[n]
              THEN [match EXCEPT ![n][m.from] = Max(@, Min(m.matched, Len(log[n])))] ELSE match
  /\ UNCHANGED <<cluster, durable, role, commit, granted, msgs, history>>

----------------------------------------------------------------------------
(* Commitment *)

Keep(n, i) ==
  committed \o [j \in 1 .. Max(0, i - Len(committed)) |->
                  [entry |-> log[n][Len(committed) + j], in |-> term[n]]]

(* 5.3, 5.4.2: a majority has the entry. The leader counts itself if it has a vote. *)
LeaderCommit(n, i) ==
  /\ n \in Servers /\ role[n] = "leader" /\ i > commit[n] /\ i <= Len(log[n])
  /\ MayCommit(n, i)
  /\ IsQuorum(Configuration(n), {s \in Servers : s = n \/ match[n][s] >= i})
  /\ commit' = [commit EXCEPT ![n] = i]
  /\ committed' = Keep(n, i)
  /\ UNCHANGED <<cluster, durable, role, granted, match, msgs, leaders>>

(* 5.3: a follower commits what the leader has, as far as the append covers it. *)
FollowerCommit(n, m, i) ==
  /\ Heeds(n, m) /\ i > commit[n] /\ i <= m.commit /\ Agrees(n, m, i)
  /\ commit' = [commit EXCEPT ![n] = i]
  /\ UNCHANGED <<cluster, durable, role, granted, match, msgs, history>>

----------------------------------------------------------------------------
(* Snapshots *)

(* 7: a server replaces what is committed by a snapshot, in one write, configuration included.     *)
TakeSnapshot(n, i, members) ==
  /\ n \in Servers /\ i > snapshot[n] /\ i <= commit[n] /\ members = ConfigurationAt(log[n], i)
  /\ snapshot' = [snapshot EXCEPT ![n] = i]
  /\ UNCHANGED <<cluster, term, vote, log, memory, msgs, history>>

(* 7: the message stands for all chunks. What the snapshot replaced goes along as history. *)
SnapshotMessage(n, i) ==
  [type |-> "Snapshot", from |-> n, term |-> term[n], last |-> <<TermAt(log[n], i), i>>,
   replaced |-> UpTo(log[n], i)]
SendSnapshot(n, i, members) ==
  /\ n \in Servers /\ role[n] = "leader" /\ i > 0 /\ i <= snapshot[n]
  /\ members = ConfigurationAt(log[n], i)
  /\ Send(SnapshotMessage(n, i))
  /\ UNCHANGED <<cluster, durable, memory, history>>

(* 7: entries that follow the snapshot stay, if the log has its last entry. *)
Install(n, m, members) ==
  /\ n \in Servers /\ m \in msgs /\ m.type = "Snapshot" /\ m.term = term[n] /\ m.last[2] > commit[n]
  /\ members = ConfigurationAt(m.replaced, m.last[2])
  /\ LET i == m.last[2]
         retained == IF i <= Len(log[n]) /\ TermAt(log[n], i) = m.last[1]
                     THEN SubSeq(log[n], i + 1, Len(log[n])) ELSE <<>>
     IN /\ log' = [log EXCEPT ![n] = m.replaced \o retained]
        /\ snapshot' = [snapshot EXCEPT ![n] = i]
        /\ commit' = [commit EXCEPT ![n] = i]
  /\ UNCHANGED <<cluster, term, vote, role, granted, match, msgs, history>>

----------------------------------------------------------------------------
(* A server crashes: its memory is gone, its disk is not. While it is down it takes no step. *)

Restart(n) ==
  /\ n \in Servers
  /\ vote' = [vote EXCEPT ![n] = VoteAfterRestart(n)]
  /\ log' = [log EXCEPT ![n] = LogAfterRestart(n)]
  /\ role' = [role EXCEPT ![n] = "follower"]
  /\ commit' = [commit EXCEPT ![n] = snapshot[n]]
  /\ granted' = [granted EXCEPT ![n] = {}]
  /\ match' = [match EXCEPT ![n] = [s \in Servers |-> 0]]
  /\ UNCHANGED <<cluster, term, snapshot, msgs, history>>

----------------------------------------------------------------------------

(* From given disks, so that a story may begin in the middle. *)
Start(c, disks) ==
  /\ cluster = c
  /\ term = [n \in c.servers |-> disks[n].term]
  /\ vote = [n \in c.servers |-> disks[n].vote]
  /\ log = [n \in c.servers |-> disks[n].log]
  /\ snapshot = [n \in c.servers |-> 0]
  /\ role = [n \in c.servers |-> "follower"]
  /\ commit = [n \in c.servers |-> 0]
  /\ granted = [n \in c.servers |-> {}]
  /\ match = [n \in c.servers |-> [s \in c.servers |-> 0]]
  /\ msgs = {}
  /\ leaders = {}
  /\ committed = <<>>

AppendMessage(n, i, j) ==
  [type |-> "Append", from |-> n, term |-> term[n], previous |-> <<TermAt(log[n], i), i>>,
   entries |-> SubSeq(log[n], i + 1, j), commit |-> commit[n]]

Next ==
  \E n \in Servers :
    \/ NewTerm(n, term[n] + 1)
    \/ \E m \in msgs : NewTerm(n, m.term)
    \/ Stand(n)
    \/ SendRequestVote(n, [type |-> "RequestVote", from |-> n, term |-> term[n], last |-> Last(n)])
    \/ \E c \in Servers : Vote(n, c)
    \/ SendVote(n, [type |-> "Vote", from |-> n, to |-> vote[n], term |-> term[n]])
    \/ \E m \in msgs : ReceiveVote(n, m)
    \/ BecomeLeader(n)
    \/ StepDown(n)
    \/ SendWord(n, [type |-> "Word", term |-> term[n]])
    \/ \E v \in Values : AppendOwn(n, v)
    \/ \E i \in 0 .. Len(log[n]) : \E j \in i .. Len(log[n]) : SendAppend(n, AppendMessage(n, i, j))
    \/ \E m \in msgs : \E i \in 1 .. Len(log[n]) : Truncate(n, m, i)
    \/ \E m \in msgs : Store(n, m)
    \/ \E m \in msgs : m.type = "Append" /\
         SendAck(n, m, [type |-> "Ack", from |-> n, to |-> m.from, term |-> term[n], matched |-> Covered(m)])
    \/ \E m \in msgs : m.type = "Snapshot" /\
         SendAck(n, m, [type |-> "Ack", from |-> n, to |-> m.from, term |-> term[n], matched |-> m.last[2]])
    \/ \E m \in msgs : ReceiveAck(n, m)
    \/ \E i \in 1 .. Len(log[n]) : LeaderCommit(n, i)
    \/ \E m \in msgs : \E i \in 1 .. Len(log[n]) : FollowerCommit(n, m, i)
    \/ \E i \in 1 .. commit[n] : TakeSnapshot(n, i, ConfigurationAt(log[n], i))
    \/ \E i \in 1 .. snapshot[n] : SendSnapshot(n, i, ConfigurationAt(log[n], i))
    \/ \E m \in msgs : m.type = "Snapshot" /\ Install(n, m, ConfigurationAt(m.replaced, m.last[2]))
    \/ n \in Fallible /\ Restart(n)

----------------------------------------------------------------------------
(* What must hold: Figure 3 *)

ElectionSafety == \A e, f \in leaders : e[1] = f[1] => e[2] = f[2]

LogMatching ==
  \A n, s \in Servers : \A i \in 1 .. Min(Len(log[n]), Len(log[s])) :
    log[n][i][1] = log[s][i][1] => UpTo(log[n], i) = UpTo(log[s], i)

(* What was committed in a term is in the log of every leader of a later one. *)
LeaderCompleteness ==
  \A n \in Servers : role[n] = "leader" =>
    \A i \in DOMAIN committed : committed[i].in < term[n] =>
      i <= Len(log[n]) /\ log[n][i] = committed[i].entry

(* Whoever commits an index commits the same entry. *)
StateMachineSafety ==
  \A n \in Servers : /\ commit[n] <= Len(committed) /\ commit[n] <= Len(log[n])
                     /\ \A i \in 1 .. commit[n] : log[n][i] = committed[i].entry

Safety == ElectionSafety /\ LeaderCompleteness /\ StateMachineSafety

=============================================================================
