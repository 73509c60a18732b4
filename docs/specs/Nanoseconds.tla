----------------------------- MODULE Nanoseconds ----------------------------
(* Times and spans as pairs: seconds, and nanoseconds below one. TLC's numbers end at 2^31 - 1.    *)
EXTENDS Integers

Second == 1000000000
Million == 1000000

NoTime == <<0, 0>>

PlusTime(s, t) ==
  LET nanos == s[2] + t[2]
  IN IF nanos >= Second THEN <<s[1] + t[1] + 1, nanos - Second>> ELSE <<s[1] + t[1], nanos>>

BeforeTime(s, t) == s[1] < t[1] \/ (s[1] = t[1] /\ s[2] < t[2])
NotAfterTime(s, t) == ~BeforeTime(t, s)

(* What lies between two times, of which the first is not the later. *)
Since(s, t) == IF t[2] >= s[2] THEN <<t[1] - s[1], t[2] - s[2]>> ELSE <<t[1] - s[1] - 1, t[2] + Second - s[2]>>

(* A span, below a thousand seconds, multiplied by a number below two million, digit by digit:   *)
(* seconds, then milli-, micro- and nanoseconds.                                                 *)
Times(s, k) ==
  LET nano == (s[2] % 1000) * k
      micro == ((s[2] \div 1000) % 1000) * k + nano \div 1000
      milli == (s[2] \div Million) * k + micro \div 1000
      whole == s[1] * k + milli \div 1000
  IN <<whole, milli % 1000, micro % 1000, nano % 1000>>

(* TLC evaluates an operator's argument wherever it stands; what a variable is bound to, once.   *)
IsAtMost(first, second) ==
  \E x \in {first}, y \in {second} :
    \/ x[1] < y[1]
    \/ x[1] = y[1] /\ x[2] < y[2]
    \/ x[1] = y[1] /\ x[2] = y[2] /\ x[3] < y[3]
    \/ x[1] = y[1] /\ x[2] = y[2] /\ x[3] = y[3] /\ x[4] <= y[4]

(* Whether a clock that is wrong by at most so many millionths may have gone from one reading to *)
(* another meanwhile. A reading is rounded down to a nanosecond.                                 *)
Advances(drift, before, now, reading, later) ==
  /\ NotAfterTime(reading, later)
  /\ \E true \in {Since(before, now)}, shown \in {Since(reading, later)} :
     \E longer \in {PlusTime(true, <<0, 1>>)}, further \in {PlusTime(shown, <<0, 1>>)} :
       /\ IsAtMost(Times(shown, Million), Times(longer, Million + drift))
       /\ IsAtMost(Times(true, Million - drift), Times(further, Million))

(* Whether a span on the slowest clock is over when another is on the fastest.                   *)
IsWithin(span, other, drift) == IsAtMost(Times(span, Million + drift), Times(other, Million - drift))
=============================================================================
