//! The mutants of a source file: one small change each, which the compiler accepts.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprBinary, ExprMethodCall, Lit, ReturnType, Signature, Stmt, Type, UnOp};

use crate::edit::Edits;

/// The module of [the switch](crate::switch), as the mutated files name it.
const SWITCH: &str = "::quorate_protocol::mutants";

/// One mutant.
pub struct Mutant {
    pub number: u32,
    /// File, function and change: the same while none of these changes.
    pub id: String,
}

/// A source file with all its mutants.
pub struct Mutated {
    pub source: String,
    pub edits: Edits,
    pub mutants: Vec<Mutant>,
}

/// Finds the mutants of a file, and numbers them from `first`.
///
/// # Errors
/// If the file is not Rust.
pub fn find(file: &str, source: String, first: u32) -> syn::Result<Mutated> {
    let tree = syn::parse_file(&source)?;
    let mut finder = Finder {
        file,
        source: &source,
        first,
        function: None,
        around: Vec::new(),
        edits: Edits::default(),
        mutants: Vec::new(),
        names: BTreeMap::new(),
    };
    finder.visit_file(&tree);
    let Finder { edits, mutants, .. } = finder;
    Ok(Mutated { source, edits, mutants })
}

struct Finder<'a> {
    file: &'a str,
    source: &'a str,
    first: u32,
    function: Option<String>,
    /// The expressions around the present one, the innermost last.
    around: Vec<Range<usize>>,
    edits: Edits,
    mutants: Vec<Mutant>,
    /// How often each description has occurred.
    names: BTreeMap<String, usize>,
}

fn range(of: impl Spanned) -> Range<usize> {
    span_range(of.span())
}

fn span_range(span: Span) -> Range<usize> {
    span.byte_range()
}

impl Finder<'_> {
    /// The source in one line, cut if it is long.
    fn snippet(&self, at: &Range<usize>) -> String {
        let line = self.source[at.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(70) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }

    fn mutant(&mut self, change: &str) -> u32 {
        let number = self.first + self.mutants.len() as u32;
        let function = self.function.as_deref().unwrap_or_default();
        let name = format!("{} {function}: {change}", self.file);
        let count = self.names.entry(name.clone()).or_default();
        *count += 1;
        let id = if *count == 1 { name } else { format!("{name} ({count})") };
        self.mutants.push(Mutant { number, id });
        number
    }

    /// Negates an expression of type `bool`.
    fn negate(&mut self, at: &Range<usize>) {
        let number = self.mutant(&format!("{} → negated", self.snippet(at)));
        self.edits.wrap(number, at, "((".into(), format!(") != {SWITCH}::on({number}))"));
    }

    /// Leaves out a statement, with its semicolon.
    fn leave_out(&mut self, at: &Range<usize>) {
        let number = self.mutant(&format!("{} → nothing", self.snippet(at)));
        self.edits.wrap(number, at, format!("{{ if !{SWITCH}::on({number}) {{ "), " } }");
    }

    fn function(&mut self, signature: &Signature, body: &Block, inside: impl FnOnce(&mut Self)) {
        let before = self.function.replace(signature.ident.to_string());
        if let Some(constant) = &signature.constness {
            // The switch is no constant. A function that must be one does not compile, and is left
            // alone.
            self.edits.replace(None, range(constant), "");
        }
        for value in trivial(&signature.output) {
            let at = range(body);
            let only = self.source[at.start + 1..at.end - 1].trim();
            if only != *value {
                let number = self.mutant(&format!("body → {value}"));
                self.edits.insert(number, at.start + 1, format!(" if {SWITCH}::on({number}) {{ return {value}; }} "));
            }
        }
        inside(self);
        self.function = before;
    }

    fn binary(&mut self, binary: &ExprBinary) {
        let (at, op) = (range(binary), range(binary.op));
        let said = self.snippet(&at);
        let compare = match binary.op {
            BinOp::Lt(_) => Some(("less", "<=")),
            BinOp::Le(_) => Some(("at_most", "<")),
            BinOp::Gt(_) => Some(("greater", ">=")),
            BinOp::Ge(_) => Some(("at_least", ">")),
            _ => None,
        };
        if let Some((switch, other)) = compare {
            let number = self.mutant(&format!("{said} → {other}"));
            self.edits.wrap(number, &at, format!("{SWITCH}::{switch}({number}, &("), "))");
            self.edits.replace(Some(number), op, "), &(");
            return;
        }
        match binary.op {
            BinOp::Eq(_) | BinOp::Ne(_) => self.negate(&at),
            BinOp::And(_) | BinOp::Or(_) if !has_let(&binary.left) && !has_let(&binary.right) => {
                let (sign, other) = if matches!(binary.op, BinOp::And(_)) { ("!=", "||") } else { ("==", "&&") };
                let number = self.mutant(&format!("{said} → {other}"));
                self.edits.wrap(number, &at, "(match (".into(), "), left => left })");
                let then = format!(") {{ left if left {sign} {SWITCH}::on({number}) => (");
                self.edits.replace(Some(number), op, then);
            }
            BinOp::Add(_) | BinOp::Sub(_) if !matches!(*binary.right, Expr::Lit(_)) => {
                let addend = range(&binary.right);
                let sign = self.source[op].to_owned();
                let number = self.mutant(&format!("{said}: {sign} {} → nothing", self.snippet(&addend)));
                let before = format!("(if {SWITCH}::on({number}) {{ Default::default() }} else {{ ");
                self.edits.wrap(number, &addend, before, " })");
            }
            _ => {}
        }
    }

    /// Methods that have an opposite.
    fn method(&mut self, call: &ExprMethodCall) {
        let name = call.method.to_string();
        let opposite = match name.as_str() {
            "max" => "min",
            "min" => "max",
            "all" => "any",
            "any" => "all",
            _ => return,
        };
        if call.args.len() != 1 {
            return;
        }
        let at = range(call);
        let number = self.mutant(&format!("{} → {opposite}", self.snippet(&at)));
        self.edits.wrap(number, &at, format!("{SWITCH}::{name}({number}, "), "");
        let to = span_range(call.paren_token.span.open()).end;
        self.edits.replace(Some(number), range(&call.receiver).end..to, ", ");
    }

    fn integer(&mut self, at: Range<usize>, value: u128, suffix: &str) {
        let other = if value == 0 { 1 } else { value - 1 };
        let said = self.around.last().map_or(String::new(), |around| self.snippet(around));
        let number = self.mutant(&format!("{said}: {value} → {other}"));
        self.edits.replace(
            Some(number),
            at.clone(),
            format!("(if {SWITCH}::on({number}) {{ {other}{suffix} }} else {{ {} }})", &self.source[at]),
        );
    }

    /// A condition that no other operator changes: not a comparison, not a negation.
    fn condition(&mut self, condition: &Expr) {
        match condition {
            Expr::Let(_) | Expr::Unary(_) => {}
            Expr::Paren(inner) => self.condition(&inner.expr),
            Expr::Binary(binary) => {
                if has_let(condition) {
                    self.condition(&binary.left);
                    self.condition(&binary.right);
                }
            }
            _ => self.negate(&range(condition)),
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => self.negate(&range(unary)),
            Expr::MethodCall(call) => self.method(call),
            Expr::If(branch) => self.condition(&branch.cond),
            Expr::Call(call) if call.args.len() == 1 => {
                if let Expr::Path(path) = &*call.func
                    && let Some(name) = path.path.segments.last().map(|segment| segment.ident.to_string())
                    && (name == "Allow" || name == "Refuse")
                {
                    let at = range(call);
                    let other = if name == "Allow" { "Refuse" } else { "Allow" };
                    let number = self.mutant(&format!("{} → {other}", self.snippet(&at)));
                    self.edits.wrap(number, &at, format!("{SWITCH}::flip({number}, "), ")");
                }
            }
            Expr::Lit(literal) => {
                if let Lit::Int(integer) = &literal.lit
                    && let Ok(value) = integer.base10_parse()
                {
                    self.integer(range(integer), value, integer.suffix());
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let is_rulebook = item.mac.path.segments.last().is_some_and(|segment| segment.ident == "rulebook");
        // Its decisions are items, so that they can be read as a file.
        if is_rulebook && let Ok(decisions) = syn::parse2::<syn::File>(item.mac.tokens.clone()) {
            decisions.items.iter().for_each(|decision| Visit::visit_item(self, decision));
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let shown = ["Display", "Debug", "Hash", "Serialize", "Deserialize"];
        if !of.is_some_and(|of| shown.contains(&of.ident.to_string().as_str())) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block, |finder| finder.visit_block(&item.block));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block, |finder| finder.visit_block(&item.block));
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Expr(done @ (Expr::Assign(_) | Expr::MethodCall(_) | Expr::Try(_) | Expr::Binary(_)), Some(_))
                if !only_explains(done) =>
            {
                self.leave_out(&range(statement));
            }
            Stmt::Expr(done @ Expr::Assign(_), None) => self.leave_out(&range(done)),
            _ => {}
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard {
            self.condition(guard);
        }
        if let Expr::Assign(_) = &*arm.body {
            self.leave_out(&range(&arm.body));
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        self.expression(expression);
        if !matches!(expression, Expr::Lit(_) | Expr::Paren(_) | Expr::Reference(_)) {
            self.around.push(range(expression));
            visit::visit_expr(self, expression);
            self.around.pop();
        } else {
            visit::visit_expr(self, expression);
        }
    }
}

/// Whether a condition has a `let` in it, which no function can be given.
fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Whether a statement does nothing but explain a step: no test is about the words of a reason.
fn only_explains(statement: &Expr) -> bool {
    match statement {
        Expr::MethodCall(call) => call.method == "why" && !matches!(*call.receiver, Expr::MethodCall(_)),
        _ => false,
    }
}

/// Values that a function of this type can return without having done anything.
fn trivial(output: &ReturnType) -> &'static [&'static str] {
    let ReturnType::Type(_, returned) = output else { return &["()"] };
    let Type::Path(path) = &**returned else { return &[] };
    let Some(last) = path.path.segments.last() else { return &[] };
    match last.ident.to_string().as_str() {
        "bool" => &["true", "false"],
        "usize" | "u64" | "u32" => &["0"],
        "Option" => &["None"],
        "Vec" => &["Vec::new()"],
        "LogIndex" | "Term" | "Duration" => &["Default::default()"],
        "Result" => &[],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(source: &str) -> Vec<String> {
        let found = find("f", source.to_owned(), 1).unwrap();
        let woven = found.edits.weave(source, |_| true).text;
        syn::parse_file(&woven).unwrap_or_else(|error| panic!("{error}: {woven}"));
        found.mutants.into_iter().map(|mutant| mutant.id).collect()
    }

    #[test]
    fn each_operator_finds_its_places() {
        let source = "fn f(a: u8, b: u8) -> Kind { if a < b && ready() { x = 1; } y.max(2 + b) }";
        assert_eq!(
            ids(source),
            [
                "f f: a < b && ready() → ||",
                "f f: a < b → <=",
                "f f: x = 1; → nothing",
                "f f: x = 1: 1 → 0",
                "f f: y.max(2 + b) → min",
                "f f: 2 + b: + b → nothing",
                "f f: 2 + b: 2 → 1",
            ]
        );
    }

    #[test]
    fn the_decisions_of_a_rulebook_are_seen_and_tests_are_not() {
        let source = "rulebook! { pub struct Rulebook; fn may(a: bool) -> Ruling<R> { if a { Allow(R::X) } else { Refuse(R::Y) } } }
            #[cfg(test)] mod tests { fn g() -> bool { 1 < 2 } }";
        assert_eq!(ids(source), ["f may: a → negated", "f may: Allow(R::X) → Refuse", "f may: Refuse(R::Y) → Allow"]);
    }

    #[test]
    fn a_condition_with_a_let_is_changed_in_its_parts() {
        let source = "fn f() -> Kind { if let Some(a) = b && a.is_fine() && c == d { e } else { g } }";
        assert_eq!(ids(source), ["f f: a.is_fine() → negated", "f f: c == d → negated"]);
    }
}
