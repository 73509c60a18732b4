// Parses logs as ShiViz does, with the expression that it proposes: node shiviz.mjs FILE.log …
// Its rules: `host`, `clock` and `event` are captured; a clock is JSON that names its own host; each host's own count
// goes 1, 2, 3; and a clock knows of no event that there is not.

import { readFileSync } from "node:fs";

const EXPRESSION = "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})";

function check(file) {
  const log = readFileSync(file, "utf8").trim();
  const events = [...log.matchAll(new RegExp(EXPRESSION, "gm"))].map(({ groups }) => ({ ...groups, clock: JSON.parse(groups.clock) }));
  if (events.length * 2 !== log.split("\n").length) throw new Error(`${file}: lines are left over`);
  const own = {};
  for (const { host, clock } of events) {
    own[host] = (own[host] ?? 0) + 1;
    if (clock[host] !== own[host]) throw new Error(`${file}: ${host} counts ${clock[host]} and not ${own[host]}`);
    for (const [other, count] of Object.entries(clock)) {
      if (count > (own[other] ?? 0)) throw new Error(`${file}: ${host} knows of event ${count} of ${other}, which is yet to come`);
    }
  }
}

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("which logs?");
files.forEach(check);
console.log(`ShiViz's expression parses ${files.length} logs`);
