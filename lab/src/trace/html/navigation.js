// Where to go from an event: the next or previous one of some sort.

import { TELLS } from "./stances.js";

/** Steps that decide something: a rule held back or refused, or a fact became true. */
const DECISIVE = TELLS.held | TELLS.refused | TELLS.fact;

/** The next event of a sort in a direction, among those that pass; -1 if there is none. */
export function nextOf(trace, index, { unit, direction, passes, isHead }) {
  const lane = trace.lane[index];
  const fits = {
    event: () => true,
    step: (i) => trace.step[i] === i && isHead(i),
    message: (i) => trace.flight[i] >= 0 && trace.step[i] === i,
    rule: (i) => trace.ruleOf[i] >= 0,
    lane: (i) => trace.step[i] === i && trace.lane[i] === lane,
    decision: (i) => trace.step[i] === i && (trace.tells[i] & DECISIVE) !== 0,
  }[unit];
  for (let i = index + direction; i >= 0 && i < trace.count; i += direction) if (fits(i) && passes(i)) return i;
  return -1;
}

/** The next other step in which a rule fired, from the beginning after the end; -1 if there is none. */
export function nextWithRule(trace, index, rule) {
  for (let offset = 1; offset <= trace.count; offset += 1) {
    const i = (index + offset) % trace.count;
    if (trace.ruleOf[i] === rule && trace.step[i] !== trace.step[index]) return i;
  }
  return -1;
}

/** The next violation in a direction, from the beginning after the end. */
export function nextViolation({ violations }, index, direction) {
  return direction > 0 ? violations.find((i) => i > index) ?? violations[0] : violations.findLast((i) => i < index) ?? violations.at(-1);
}
