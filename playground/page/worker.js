// The session in a thread of its own, so that the page never freezes: `quorate.wasm`, the same Rust as behind the server.
// A message has a request; the answer has the text of the response. If the session breaks down, by an error of its own, a
// new one takes its place, and is where the old one was before.

/** Requests that leave the session as it is. */
const READING = ["catalogue", "look", "save", "export"];

const compiled = load("quorate.wasm");
// A failure is reported with each request; without a request there is nobody to tell.
compiled.catch(() => undefined);

/** The instance of the module, and the session that it had after the last request, as `export` says it. */
let instance;
let saved;

/** Requests are performed one after the other. */
let queue = Promise.resolve();

addEventListener("message", ({ data: { id, request } }) => {
  queue = queue.then(() => perform(id, request));
});

async function load(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} could not be loaded: the site answers ${answer.status}`);
  // Compiled as it arrives, where the site names its type.
  if (answer.headers.get("Content-Type") === "application/wasm") return WebAssembly.compileStreaming(answer);
  return WebAssembly.compile(await answer.arrayBuffer());
}

async function perform(id, request) {
  try {
    postMessage({ id, response: await respond(request) });
  } catch (error) {
    instance = undefined;
    postMessage({ id, fault: String(error.message) });
  }
}

async function respond(request) {
  instance ??= await begin();
  try {
    const response = handle(request);
    if (!READING.includes(request.do)) saved = JSON.parse(handle({ do: "export" })).saved;
    return response;
  } catch (error) {
    const says = error instanceof WebAssembly.RuntimeError ? answer() : "";
    instance = await begin();
    return JSON.stringify({ ok: false, error: { says: `the session broke down and was opened again as it was before; please report this: ${says || error}` } });
  }
}

/** A new instance, with the session that the one before it had. */
async function begin() {
  const { exports } = await WebAssembly.instantiate(await compiled, {});
  exports.begin();
  if (saved !== undefined) handle({ do: "open", saved }, exports);
  return exports;
}

/** Hands a request to the session; throws if that ends the instance. */
function handle(request, to = instance) {
  const bytes = new TextEncoder().encode(JSON.stringify(request));
  const place = to.room(bytes.length);
  new Uint8Array(to.memory.buffer, place, bytes.length).set(bytes);
  to.handle();
  return answer(to);
}

function answer(of = instance) {
  return new TextDecoder().decode(new Uint8Array(of.memory.buffer, of.answer(), of.answer_length()));
}
