// The session in a thread of its own, so that the page never freezes: the same Rust as behind the server. A message has a
// request; the answer has the text of the response. A page begins with a module of few protocols, `first.wasm`; the one of
// all, `quorate.wasm`, is loaded after the first response, and takes over when a session with another protocol is opened. If
// the session breaks down, by an error of its own, a new one takes its place, and is where the old one was before.

/** Requests that leave the session as it is. */
const READING = ["look", "save", "export"];

/** The module of the session, while it is loaded. A failure is reported with each request that needs it. */
let module = load("first.wasm", compile);
/** The module with all protocols, once it is asked for. */
let all;
/** What a session can begin with, which is known without one. */
let catalogue;

/** The instance of the module, and the session that it had after the last request, as `export` says it. */
let instance;
let saved;

/** Requests are performed one after the other. */
let queue = Promise.resolve();

addEventListener("message", ({ data: { id, request } }) => {
  queue = queue.then(() => perform(id, request));
});

/** A file of the site. Nobody may wait for it yet: then there is nobody to tell of a failure, which is kept. */
function load(name, read) {
  const loaded = fetch(new URL(name, import.meta.url)).then((answer) => {
    if (!answer.ok) throw new Error(`${name} could not be loaded: the site answers ${answer.status}`);
    return read(answer);
  });
  loaded.catch(() => undefined);
  return loaded;
}

/** Compiles a module, as it arrives where the site names its type. */
async function compile(answer) {
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
  if (request.do === "catalogue") {
    catalogue ??= load("catalogue.json", (answer) => answer.text());
    return catalogue;
  }
  instance ??= await begin();
  const response = await carryOut(request);
  all ??= load("quorate.wasm", compile);
  const isUnknown = request.do === "open" && module !== all && !JSON.parse(response).ok;
  return isUnknown ? carryOutWithAll(request, response) : response;
}

/** A refused request again, with all protocols: they may know one that the first ones do not. */
async function carryOutWithAll(request, refusal) {
  try {
    await all;
  } catch (error) {
    // It is asked for again after the next request.
    all = undefined;
    const response = JSON.parse(refusal);
    response.error.says += ` (the session with the other protocols is missing: ${error.message})`;
    return JSON.stringify(response);
  }
  module = all;
  instance = await begin();
  return carryOut(request);
}

async function carryOut(request) {
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
  const { exports } = await WebAssembly.instantiate(await module, {});
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
