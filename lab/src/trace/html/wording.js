// The words of the panels and of the sentences of events, which an interactive page can have in another language. What the
// trace itself says is never translated.

/** Texts in the language of the page, by the English ones. */
const OTHER_WORDS = new Map();

/** A text in the language of the page, with its places, such as {name}, filled. */
export function worded(text, values = {}) {
  return (OTHER_WORDS.get(text) ?? text).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Gives the panels another language: `[English, other]` for each text. */
export function wordPanels(texts) {
  for (const [english, other] of texts) OTHER_WORDS.set(english, other);
}
