//! Finds the mutants of a file, and writes it with all of them in it, each behind its number.

use std::collections::BTreeSet;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Block, Expr, Receiver, Signature, Stmt, UnOp};

use crate::values;

/// The number under which the copy asks for a mutant, and what it is: file, line, function and change.
pub type Named = (usize, String);

/// Text that goes into a file at a place.
struct Edit {
    at: usize,
    is_end: bool,
    text: String,
    /// The mutants that this is for, where a compiler's complaint about it means them.
    of: Vec<usize>,
}

/// A file with its mutants, and where they are in it, so that those can be left out that do not compile.
pub struct Written {
    pub text: String,
    pub regions: Vec<(Range<usize>, Vec<usize>)>,
}

pub struct Finder<'a> {
    path: &'a str,
    source: &'a str,
    left_out: &'a BTreeSet<String>,
    edits: Vec<Edit>,
    function: String,
    pub first: usize,
    pub mutants: Vec<Named>,
}

/// Whether something is not in the library, or not to be changed.
fn is_skipped(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| one.path().is_ident("cfg"))
}

fn others(operator: &BinOp) -> &'static [&'static str] {
    match operator {
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", "==", ">"],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "==", "<"],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Add(_) => &["-", "*"],
        BinOp::Sub(_) => &["+", "/"],
        BinOp::Mul(_) => &["+", "/"],
        BinOp::Div(_) => &["*", "%"],
        BinOp::Rem(_) => &["/", "+"],
        BinOp::AddAssign(_) => &["-=", "*="],
        BinOp::SubAssign(_) => &["+=", "/="],
        _ => &[],
    }
}

impl<'a> Finder<'a> {
    pub fn new(path: &'a str, source: &'a str, left_out: &'a BTreeSet<String>, first: usize) -> Finder<'a> {
        let (edits, mutants, function) = (Vec::new(), Vec::new(), String::new());
        Finder {
            path,
            source,
            left_out,
            edits,
            function,
            first,
            mutants,
        }
    }

    fn text(&self, node: &impl Spanned) -> &'a str {
        &self.source[node.span().byte_range()]
    }

    /// A number for a mutant, unless it was left out.
    fn number(&mut self, node: &impl Spanned, change: &str) -> Option<usize> {
        let start = node.span().start();
        let (path, function) = (self.path, &self.function);
        let change = change.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = format!("{path}:{}:{} {function}: {change}", start.line, start.column + 1);
        let number = self.first + self.mutants.len();
        let is_in = !self.left_out.contains(&name);
        self.mutants.push((number, name));
        is_in.then_some(number)
    }

    fn insert(&mut self, at: usize, is_end: bool, text: String, of: Vec<usize>) {
        self.edits.push(Edit { at, is_end, text, of });
    }

    /// Puts texts around a node.
    fn wrap(&mut self, node: &impl Spanned, before: String, after: &str, of: &[usize]) {
        let range = node.span().byte_range();
        self.insert(range.start, false, before, of.to_vec());
        self.insert(range.end, true, after.to_owned(), of.to_vec());
    }

    /// A yes or no that is turned round.
    fn turn(&mut self, node: &impl Spanned, change: &str) {
        if let Some(n) = self.number(node, change) {
            self.wrap(node, "((".into(), &format!(") != crate::mutation::is({n}))"), &[n]);
        }
    }

    /// Other expressions in place of one. `place` is in their names: `a && b` and `a && b && c` begin at the same one.
    fn replace(&mut self, node: &impl Spanned, place: &impl Spanned, replacements: &[(String, String)]) {
        let numbered: Vec<_> = replacements
            .iter()
            .filter_map(|(change, text)| Some((self.number(place, change)?, text)))
            .collect();
        if numbered.is_empty() {
            return;
        }
        let all: Vec<usize> = numbered.iter().map(|(n, _)| *n).collect();
        self.wrap(node, "(".into(), "})", &all);
        let at = node.span().byte_range().start;
        for (n, text) in numbered {
            self.insert(
                at,
                false,
                format!("if crate::mutation::is({n}) {{ {text} }} else "),
                vec![n],
            );
        }
        self.insert(at, false, "{".into(), all);
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        let of_self = signature.inputs.first().and_then(|input| match input {
            syn::FnArg::Receiver(Receiver {
                reference: None,
                colon_token: None,
                ..
            }) => Some("self".to_owned()),
            _ => None,
        });
        let body: String = block.stmts.iter().map(|part| self.text(part)).collect();
        let at = block.brace_token.span.open().byte_range().end;
        for value in values::of_return(&signature.output).into_iter().chain(of_self) {
            if value == body || (value == "()" && body.is_empty()) {
                continue;
            }
            if let Some(n) = self.number(&signature.ident, &format!("return {value}")) {
                self.insert(
                    at,
                    false,
                    format!(" if crate::mutation::is({n}) {{ return {value}; }}"),
                    vec![n],
                );
            }
        }
    }

    fn in_function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        if signature.constness.is_some() || is_skipped(attributes) {
            return;
        }
        let outer = std::mem::replace(&mut self.function, signature.ident.to_string());
        self.function(signature, block);
        visit::visit_block(self, block);
        self.function = outer;
    }

    /// The conditions between `let`s: each without effect.
    fn chain(&mut self, part: &Expr) {
        match part {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.chain(&binary.left);
                self.chain(&binary.right);
            }
            Expr::Let(held) => self.visit_expr(&held.expr),
            condition => {
                if let Some(n) = self.number(condition, "take the condition for true") {
                    self.wrap(condition, format!("(crate::mutation::is({n}) || ("), "))", &[n]);
                }
                self.visit_expr(condition);
            }
        }
    }

    /// The file with everything that was found.
    pub fn write(mut self) -> (Written, Vec<Named>) {
        // What ends at a place ends from the inside out; what begins there begins from the outside in.
        let mut order: Vec<usize> = (0..self.edits.len()).collect();
        order.sort_by_key(|&index| {
            let edit = &self.edits[index];
            let turn = if edit.is_end {
                usize::MAX / 2 - index
            } else {
                usize::MAX / 2 + index
            };
            (edit.at, turn)
        });
        let (mut text, mut done) = (String::new(), 0);
        let mut regions: Vec<(Range<usize>, Vec<usize>)> = Vec::new();
        for index in order {
            let edit = &mut self.edits[index];
            text.push_str(&self.source[done..edit.at]);
            done = edit.at;
            let start = text.len();
            text.push_str(&edit.text);
            match regions.iter_mut().find(|(_, of)| edit.is_end && *of == edit.of) {
                Some((range, _)) => range.end = text.len(),
                None => regions.push((start..text.len(), std::mem::take(&mut edit.of))),
            }
        }
        text.push_str(&self.source[done..]);
        (Written { text, regions }, self.mutants)
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => matches!(binary.op, BinOp::And(_)) && (has_let(&binary.left) || has_let(&binary.right)),
        _ => false,
    }
}

/// Whether a statement is a call whose value nobody wants.
fn is_call(expr: &Expr) -> bool {
    match expr {
        Expr::Await(inner) => is_call(&inner.base),
        Expr::Try(inner) => is_call(&inner.expr),
        Expr::MethodCall(_) | Expr::Call(_) => true,
        // A variable may get its first value here.
        Expr::Assign(assign) => matches!(*assign.left, Expr::Field(_)),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.in_function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.in_function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.in_function(&item.attrs, &item.sig, block);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let is_text = name.is_some_and(|last| last.ident == "Debug" || last.ident == "Display");
        if !is_text && !is_skipped(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_skipped(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    // What is worked out by the compiler is as it is.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(expr, Some(_)) = statement
            && is_call(expr)
            && let Some(n) = self.number(statement, &format!("leave out {}", self.text(expr)))
        {
            self.wrap(statement, format!("if !crate::mutation::is({n}) {{ "), " }", &[n]);
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard
            && let (Some(yes), Some(no)) = (
                self.number(&**guard, "guard true"),
                self.number(&**guard, "guard false"),
            )
        {
            let before = format!("!crate::mutation::is({no}) && (crate::mutation::is({yes}) || (");
            self.wrap(&**guard, before, "))", &[yes, no]);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            _ if has_let(expr) => return self.chain(expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => self.turn(expr, "leave out !"),
            Expr::Binary(binary) => {
                let operator = self.text(&binary.op);
                match binary.op {
                    BinOp::Eq(_) | BinOp::Ne(_) => self.turn(expr, &format!("turn {operator} round")),
                    _ => {
                        let (left, right) = (self.text(&*binary.left), self.text(&*binary.right));
                        let other =
                            |other: &&str| (format!("{other} for {operator}"), format!("{left} {other} {right}"));
                        let all: Vec<_> = others(&binary.op).iter().map(other).collect();
                        self.replace(expr, &binary.op, &all);
                    }
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}
