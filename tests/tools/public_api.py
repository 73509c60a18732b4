"""Lists the public items of a crate from rustdoc's JSON: one sorted line each, with the signature."""

import json
import re
import sys

# Versions of the JSON that this script has been read against.
KNOWN = range(45, 61)


def listed(separator, parts):
    return separator.join(part for part in parts if part)


class Types:
    """Types, bounds and signatures as text. Paths do not depend on what the source imports: a name, and the crate of others."""

    def __init__(self, crate):
        self.paths = crate["paths"]
        self.crates = {int(id): each["name"] for id, each in crate["external_crates"].items()}

    def path(self, path):
        known = self.paths.get(str(path["id"]))
        names = known["path"] if known else (path.get("path") or path.get("name")).split("::")
        crate = self.crates.get(known["crate_id"]) if known else None
        if crate in (None, "std", "core", "alloc"):
            # `fmt::Result`, and not just any.
            shown = names[-2:] if crate and names[-1] in ("Result", "Error") else names[-1:]
        else:
            shown = [crate, names[-1]]
        return "::".join(shown) + self.args(path.get("args"))

    def args(self, args):
        if not args or isinstance(args, str):
            return ""
        if "parenthesized" in args:
            inner = args["parenthesized"]
            output = f" -> {self.type(inner['output'])}" if inner["output"] else ""
            return f"({', '.join(map(self.type, inner['inputs']))}){output}"
        inner = args.get("angle_bracketed")
        if not inner:
            return ""
        parts = [self.arg(arg) for arg in inner["args"]]
        for constraint in inner["constraints"]:
            binding = constraint["binding"]
            name = constraint["name"] + self.args(constraint.get("args"))
            if "equality" in binding:
                parts.append(f"{name} = {self.term(binding['equality'])}")
            else:
                parts.append(f"{name}: {self.bounds(binding['constraint'])}")
        return f"<{', '.join(parts)}>" if parts else ""

    def arg(self, arg):
        if isinstance(arg, str):
            return "_"
        kind, value = next(iter(arg.items()))
        return {"lifetime": lambda: value, "type": lambda: self.type(value), "const": lambda: value["expr"]}[kind]()

    def term(self, term):
        return self.type(term["type"]) if "type" in term else term["constant"]["expr"]

    def type(self, of):
        if isinstance(of, str):
            return "_"
        kind, value = next(iter(of.items()))
        return getattr(self, f"of_{kind}")(value)

    def of_resolved_path(self, path):
        return self.path(path)

    def of_generic(self, name):
        return name

    of_primitive = of_generic

    def of_tuple(self, types):
        return f"({', '.join(map(self.type, types))}{',' if len(types) == 1 else ''})"

    def of_slice(self, of):
        return f"[{self.type(of)}]"

    def of_array(self, array):
        return f"[{self.type(array['type'])}; {array['len']}]"

    def of_impl_trait(self, bounds):
        return f"impl {self.bounds(bounds)}"

    def of_raw_pointer(self, pointer):
        return f"*{'mut' if pointer['is_mutable'] else 'const'} {self.type(pointer['type'])}"

    def of_borrowed_ref(self, ref):
        return "&" + listed(" ", [ref["lifetime"], ref["is_mutable"] and "mut", self.type(ref["type"])])

    def of_qualified_path(self, path):
        own = self.type(path["self_type"])
        trait = path["trait"]
        owner = f"<{own} as {self.path(trait)}>" if trait and (trait.get("path") or trait.get("name")) else own
        return f"{owner}::{path['name']}{self.args(path.get('args'))}"

    def of_dyn_trait(self, dyn):
        traits = [self.for_all(each["generic_params"]) + self.path(each["trait"]) for each in dyn["traits"]]
        return f"dyn {listed(' + ', [*traits, dyn['lifetime']])}"

    def of_function_pointer(self, pointer):
        return self.for_all(pointer["generic_params"]) + "fn" + self.signature(pointer["sig"], named=False)

    def for_all(self, params):
        return f"for<{', '.join(param['name'] for param in params)}> " if params else ""

    def bounds(self, bounds):
        return " + ".join(filter(None, map(self.bound, bounds)))

    def bound(self, bound):
        kind, value = next(iter(bound.items()))
        if kind == "trait_bound":
            modifier = {"none": "", "maybe": "?", "maybe_const": "~const "}[value["modifier"]]
            return self.for_all(value["generic_params"]) + modifier + self.path(value["trait"])
        if kind == "outlives":
            return value
        return f"use<{', '.join(each if isinstance(each, str) else next(iter(each.values())) for each in value)}>"

    def signature(self, sig, named=True):
        inputs = [self.input(name, of, named) for name, of in sig["inputs"]]
        output = f" -> {self.type(sig['output'])}" if sig["output"] else ""
        return f"({', '.join(inputs)}){output}"

    def input(self, name, of, named):
        text = self.type(of)
        if name == "self" and text in ("Self", "&Self", "&mut Self"):
            return text.replace("Self", "self")
        return f"{name}: {text}" if named and name else text

    def generics(self, generics):
        """The parameters, and the where clause."""
        params = [self.param(param) for param in generics["params"]]
        wheres = [self.where(each) for each in generics["where_predicates"]]
        where = f" where {', '.join(wheres)}" if wheres else ""
        return (f"<{', '.join(filter(None, params))}>" if any(params) else ""), where

    def param(self, param):
        kind, value = next(iter(param["kind"].items()))
        name = param["name"]
        if kind == "lifetime":
            return listed(": ", [name, " + ".join(value["outlives"])])
        if kind == "const":
            return f"const {name}: {self.type(value['type'])}"
        if value.get("is_synthetic"):
            return ""
        default = f" = {self.type(value['default'])}" if value["default"] else ""
        return listed(": ", [name, self.bounds(value["bounds"])]) + default

    def where(self, predicate):
        kind, value = next(iter(predicate.items()))
        if kind == "bound_predicate":
            return f"{self.for_all(value['generic_params'])}{self.type(value['type'])}: {self.bounds(value['bounds'])}"
        if kind == "lifetime_predicate":
            return f"{value['lifetime']}: {' + '.join(value['outlives'])}"
        return f"{self.type(value['lhs'])} = {self.term(value['rhs'])}"


class Surface(Types):
    """The public items, each with its path from the crate's root."""

    def __init__(self, crate):
        super().__init__(crate)
        self.index = crate["index"]
        self.lines = set()
        self.within = []
        root = self.index[str(crate["root"])]
        self.members(root["inner"]["module"]["items"], root["name"])

    def members(self, ids, path):
        for each in ids:
            self.item(each, path)

    def item(self, id, path, name=None):
        item = self.index.get(str(id))
        # A re-export may lead back to where it stands.
        if item is None or (id, path) in self.within:
            return
        self.within.append((id, path))
        kind, inner = next(iter(item["inner"].items()))
        if item["visibility"] in ("public", "default"):
            name = name or item["name"]
            getattr(self, f"item_{kind}", self.nothing)(item, inner, f"{path}::{name}" if name else path, path)
        self.within.pop()

    def nothing(self, *_):
        pass

    def line(self, text, item=None):
        marks = [] if item is None or not item["deprecation"] else ["#[deprecated]"]
        if item is not None and any("non_exhaustive" in str(attr) for attr in item["attrs"]):
            marks.append("#[non_exhaustive]")
        self.lines.add(listed(" ", [*marks, " ".join(text.split())]))

    def item_module(self, item, inner, path, _):
        self.line(f"pub mod {path}", item)
        self.members(inner["items"], path)

    def item_use(self, item, inner, _, parent):
        target = self.index.get(str(inner["id"])) if inner["id"] is not None else None
        if target is None:
            name = f"{parent}::*" if inner["is_glob"] else f"{parent}::{inner['name']}"
            self.line(f"pub use {name} = {inner['source']}", item)
        elif inner["is_glob"]:
            kind, content = next(iter(target["inner"].items()))
            self.members(content["items"] if kind == "module" else content.get("variants", []), parent)
        else:
            self.item(inner["id"], parent, inner["name"])

    def item_struct(self, item, inner, path, _):
        params, where = self.generics(inner["generics"])
        kind, fields = inner["kind"], ""
        if isinstance(kind, dict) and "tuple" in kind:
            shown = [self.index.get(str(each)) if each is not None else None for each in kind["tuple"]]
            types = [self.type(each["inner"]["struct_field"]) if each else "_" for each in shown]
            fields = f"({', '.join(types)})"
        self.line(f"pub struct {path}{params}{fields}{where}", item)
        if isinstance(kind, dict) and "plain" in kind:
            self.members(kind["plain"]["fields"], path)
        self.impls(inner["impls"], path)

    def item_struct_field(self, item, inner, path, _):
        self.line(f"pub {path}: {self.type(inner)}", item)

    def item_enum(self, item, inner, path, _):
        params, where = self.generics(inner["generics"])
        self.line(f"pub enum {path}{params}{where}", item)
        self.members(inner["variants"], path)
        self.impls(inner["impls"], path)

    def item_variant(self, item, inner, path, _):
        kind = inner["kind"]
        types = ""
        if isinstance(kind, dict) and "tuple" in kind:
            fields = [self.index.get(str(each)) if each is not None else None for each in kind["tuple"]]
            types = f"({', '.join(self.type(each['inner']['struct_field']) if each else '_' for each in fields)})"
        self.line(f"pub {path}{types}", item)
        if isinstance(kind, dict) and "struct" in kind:
            self.members(kind["struct"]["fields"], path)

    def item_trait(self, item, inner, path, _):
        params, where = self.generics(inner["generics"])
        bounds = self.bounds(inner["bounds"])
        self.line(f"pub trait {path}{params}{': ' + bounds if bounds else ''}{where}", item)
        self.members(inner["items"], path)

    def item_function(self, item, inner, path, _):
        header = inner["header"]
        words = listed(" ", ["pub", header["is_const"] and "const", header["is_async"] and "async", "fn"])
        params, where = self.generics(inner["generics"])
        body = "" if inner["has_body"] else " (required)"
        self.line(f"{words} {path}{params}{self.signature(inner['sig'])}{where}{body}", item)

    def item_constant(self, item, inner, path, _):
        self.line(f"pub const {path}: {self.type(inner['type'])}", item)

    def item_static(self, item, inner, path, _):
        self.line(f"pub static {path}: {self.type(inner['type'])}", item)

    def item_type_alias(self, item, inner, path, _):
        params, where = self.generics(inner["generics"])
        self.line(f"pub type {path}{params} = {self.type(inner['type'])}{where}", item)

    def item_assoc_const(self, item, inner, path, _):
        self.line(f"pub const {path}: {self.type(inner['type'])}", item)

    def item_assoc_type(self, item, inner, path, _):
        bounds = self.bounds(inner["bounds"])
        value = f" = {self.type(inner['type'])}" if inner["type"] else ""
        self.line(f"pub type {path}{': ' + bounds if bounds else ''}{value}", item)

    def item_macro(self, item, inner, path, _):
        self.line(f"pub macro {path}!", item)

    def impls(self, ids, path):
        for each in ids:
            item = self.index.get(str(each))
            inner = item["inner"]["impl"] if item else None
            if inner is None or inner["is_synthetic"] or inner["blanket_impl"]:
                continue
            if inner["trait"] is None:
                self.members(inner["items"], path)
                continue
            trait = self.path(inner["trait"])
            if trait == "StructuralPartialEq":
                continue
            params, where = self.generics(inner["generics"])
            negative = "!" if inner["is_negative"] else ""
            name = path.rpartition("::")[2]
            implementor = re.sub(rf"\b{name}\b", path, self.type(inner["for"]), count=1)
            self.line(f"impl{params} {negative}{trait} for {implementor}{where}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        crate = json.load(file)
    if crate["format_version"] not in KNOWN:
        sys.exit(f"rustdoc wrote JSON of version {crate['format_version']}, and tests/tools/public_api.py has been "
                 f"checked for {KNOWN.start} to {KNOWN.stop - 1}: look what changed, and extend KNOWN")
    print("\n".join(sorted(Surface(crate).lines)))


main()
