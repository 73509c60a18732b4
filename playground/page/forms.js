// Forms for commands with values of one's own: each is a line of the scenario language in which words in capital letters
// are fields.

import { cut, el } from "./dom.js";
import { t } from "./texts.js";

/** Values with which fields begin, if nothing else is known. */
const DEFAULTS = { KEY: "x", VALUE: "1", SPAN: "5s", RATE: "200ppm", LOSS: "10%", LATENCY: "1ms..20ms", TOKEN: "1" };
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
