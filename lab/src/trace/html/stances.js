// How a rule decides, as far as its name tells: it allows, it refuses what was asked, it holds back what the node could
// have done itself, or it passes over something that no longer matters.

/** What a step has that its reader should not miss, as bits. */
export const TELLS = { fact: 1, refused: 2, held: 4, passed: 8, heldAgain: 16 };

const HELD = /^(Hold(?!$|On$)|HeldBy|Wait|Stay|Defer|Postpone|Withhold)|TooEarly$/;
const PASSED = /^(Ignore|Stale|Late|Older|Repeated|Nothing|NoteRefusal|CountRefusal)|^(?!Send|Try|Propose|Ask).*Again$|Already$|TooLate$/;
const REFUSED = /^(Refuse|Reject|Deny|Disregard|Not[A-Z])|Refused|Denied/;

/** The stance of a rule: `held`, `refused`, `passed` or `allowed`. */
export function stanceOf(rule) {
  if (REFUSED.test(rule) && !/^(Count|Note)/.test(rule)) return "refused";
  if (PASSED.test(rule)) return "passed";
  return HELD.test(rule) ? "held" : "allowed";
}

/** How the page marks and names each stance. */
export const STANCES = {
  held: { sign: "⊖", name: "held back", says: "the node could have acted, and a rule held it back" },
  refused: { sign: "⊘", name: "a refusal", says: "a rule refused what was asked" },
  passed: { sign: "○", name: "changes nothing", says: "late, repeated or settled: it changes nothing" },
};
