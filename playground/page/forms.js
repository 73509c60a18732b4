// Forms for commands with values of one's own: each is a line of the scenario language in which words in capital letters
// are fields.

import { cut, el } from "./dom.js";
import { t } from "./texts.js";

/** Values with which fields begin, if nothing else is known. */
const DEFAULTS = { KEY: "x", VALUE: "1", SPAN: "5s", RATE: "200ppm", LOSS: "10%", LATENCY: "1ms..20ms", EACH: "5ms", QUEUE: "4", TOKEN: "1" };
/** Fields that name a node. */
const NODES = /^(NODE|PROPOSER|TO|OLD|NEW|LEARNER|HOLDER|SERVER)$/;
/** A word that is a field, or has one after its option. */
const FIELD = /^([a-z-]+=)?([A-Z][\w|.,+-]*)$/;

/** The words of a form; optional ones, in brackets, are left out. */
function wordsOf(form) {
  return form.replace(/\s*\[[^\]]*\]/g, "").trim().split(/\s+/).filter((word) => word !== "…");
}

/** A value as a word of the language. */
export function quoted(value) {
  const text = value.trim();
  return /[\s"]|^#|^$/.test(text) ? `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"` : text;
}

/**
 * A form for a line. `choices` has the options of fields by name, `values` their first values, and `sample` the words of a
 * line of this form that is possible now; `ondo(line)` performs the line.
 */
export function lineForm(form, says, { nodes, choices = {}, values = {}, sample = [], ondo }) {
  const fields = [];
  const parts = wordsOf(form).map((word, place) => {
    const [, prefix, name] = place > 0 ? FIELD.exec(word) ?? [] : [];
    if (name === undefined) {
      fields.push(() => word);
      return el("span", { class: "word" }, word);
    }
    const input = fieldOf(name, { nodes, choices, first: values[name] ?? sample[place] ?? DEFAULTS[name] ?? exampleOf(name, nodes) }, `${form} ${place}`);
    fields.push(() => `${prefix ?? ""}${quoted(input.value)}`);
    return el("label", { class: "field" }, prefix ? el("span", { class: "word" }, prefix) : null, el("span", { class: "sr" }, name.toLowerCase()), input);
  });
  return el("form", { class: "line", autocomplete: "off", onsubmit: (event) => { event.preventDefault(); ondo(fields.map((field) => field()).join(" ")); } },
    el("p", {}, cut(says, 160)), el("div", { class: "words" }, ...parts, el("button", { type: "submit" }, t("doIt"))));
}

/** A value for a field that is an example itself, such as `A,B,C` or `NODE.ROW+2`. */
function exampleOf(name, nodes) {
  if (/^[A-Z](,[A-Z])+$/.test(name)) return nodes.join(",");
  if (name.includes("|")) return name.split("|").at(-1);
  return name.replace("NODE", nodes[0] ?? "").toLowerCase();
}

function fieldOf(name, { nodes, choices, first }, key) {
  const options = choices[name] ?? (NODES.test(name) ? nodes : undefined);
  if (options === undefined) return el("input", { type: "text", "data-field": key, value: first, size: 9, spellcheck: "false", autocapitalize: "off" });
  return el("select", { "data-field": key }, ...options.map((option) => el("option", { value: option.value ?? option, title: option.says, selected: (option.value ?? option) === first }, cut(option.value ?? option, 40))));
}

/** Fields of a message that are listed at most. */
const FIELDS_MAX = 60;

/** The fields of a body with their values, `[path, value]`: those that hold no further fields, as the language writes them. */
function fieldsOf(body, prefix = "") {
  if (typeof body !== "object" || body === null) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    const inner = fieldsOf(value, `${prefix}${key}.`);
    return inner.length > 0 ? inner : [[`${prefix}${key}`, written(value)]];
  });
}

/** A value as the language writes it. */
function written(value) {
  if (value === null) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A form with the fields of a message; those that are changed become its lies. `nth` is its place among the messages of its name. */
export function forgeForm({ from, to, name, body }, nth, ondo) {
  const fields = [["as", name], ...fieldsOf(body)].slice(0, FIELDS_MAX).map(([path, value]) => (
    { path, value, input: el("input", { type: "text", "data-field": `forge ${path}`, value, size: 9, spellcheck: "false", autocapitalize: "off" }) }));
  const line = () => {
    const lies = fields.filter(({ value, input }) => input.value !== value).map(({ path, input }) => `${path}=${quoted(input.value)}`);
    return lies.length > 0 ? ["inflight forge", quoted(from), quoted(to), quoted(name), ...lies, ...(nth > 1 ? [`nth=${nth}`] : [])].join(" ") : undefined;
  };
  const submit = (event) => {
    event.preventDefault();
    const text = line();
    if (text !== undefined) ondo(text);
  };
  return el("form", { class: "line forge", autocomplete: "off", onsubmit: submit },
    el("p", {}, `${t("forge")}. ${t("forgeTip")}`),
    el("div", { class: "words" }, ...fields.map(({ path, input }) => el("label", { class: "field" }, el("span", { class: "word" }, `${cut(path, 40)}=`), input)),
      el("button", { type: "submit" }, t("doIt"))));
}

/** A form that splits the nodes into groups. */
export function partitionForm(nodes, ondo) {
  const half = Math.ceil(nodes.length / 2);
  const groups = nodes.map((name, at) => ({ name, group: el("select", { "data-field": `partition ${name}`, "aria-label": t("group", { name }) },
    ...["1", "2", "3"].map((option) => el("option", { value: option, selected: option === (at < nodes.length - half ? "1" : "2") }, option))) }));
  const line = () => {
    const byGroup = ["1", "2", "3"].map((number) => groups.filter(({ group }) => group.value === number).map(({ name }) => name));
    return `partition ${byGroup.filter((names) => names.length > 0).map((names) => names.map(quoted).join(",")).join(" ")}`;
  };
  return el("form", { class: "line", onsubmit: (event) => { event.preventDefault(); ondo(line()); } },
    el("p", {}, `${t("partition")}: ${t("partitionTip")}`),
    el("div", { class: "words" }, ...groups.map(({ name, group }) => el("label", { class: "field" }, cut(name, 12), group)), el("button", { type: "submit" }, t("doIt"))));
}
