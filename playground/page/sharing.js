// Links that hold a session, and files: what leaves the page and comes back.

import { el } from "./dom.js";

/** Longer links are cut by mail programs and chats. */
export const LINK_MAX = 30_000;
/** Larger files are no scenarios. */
const FILE_MAX = 2_000_000;

/** A session as the end of an address, compressed. */
export async function linkOf(saved) {
  const stream = new Blob([JSON.stringify(saved)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `#s=${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The session in an address; undefined if it has none. A link that is cut or changed throws. */
export async function sessionIn(hash) {
  const found = /^#s=([\w-]+)$/.exec(hash);
  if (!found) return undefined;
  const bytes = Uint8Array.from(atob(found[1].replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await limitedText(stream));
}

/** The text of a stream, unless it is larger than any session: a few bytes may hold a great many. */
async function limitedText(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > FILE_MAX) throw new Error("too large");
  }
}

/** Saves a text as a file. */
export function download(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Asks for a file; its text, or undefined if none was chosen. A file that is too large throws. */
export function upload() {
  return new Promise((done, failed) => {
    const input = el("input", { type: "file", accept: ".scenario,.txt,text/plain" });
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (file !== undefined && file.size > FILE_MAX) failed(new RangeError(file.name));
      else if (file === undefined) done(undefined);
      else file.text().then(done, failed);
    });
    input.addEventListener("cancel", () => done(undefined));
    input.click();
  });
}
