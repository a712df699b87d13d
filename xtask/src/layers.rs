//! The rules of the layout, checked on the text of the sources.

use crate::paths;
use crate::source::{Language, Token, tokens};
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

const LONGEST: usize = 400;
const FOLDERS: &[&str] = &["src", "js", "www", "xtask", "tests"];
const SOURCES: &[&str] = &["rs", "ts", "tsx", "js", "mjs", "cjs", "css", "html", "vue", "svelte"];
const SKIPPED: &[&str] = &["node_modules", "generated", "target", "results", "dist"];
const VAGUE: &[&str] = &[
    "manager", "helper", "helpers", "util", "utils", "service", "services", "handler", "handlers",
];

/// The host's world, of which core knows nothing.
const HOST: &[&str] = &[
    "wasm_bindgen",
    "web_sys",
    "js_sys",
    "serde_wasm_bindgen",
    "getrandom",
    "async",
    "await",
];
/// Clock and IO.
const IMPURE_STD: &[&str] = &["time", "fs", "net", "env", "thread", "process", "io"];
/// What only the Rust core may know about the protocol.
const PROTOCOL: &[&str] = &[
    "grant_type",
    "code_verifier",
    "redirect_uri",
    "access_token",
    "code_challenge",
];

/// Checks every source file of the repository.
pub(crate) fn check_all() -> Result<()> {
    let root = paths::root()?;
    let mut findings = Vec::new();
    for folder in FOLDERS {
        walk(&root, &root.join(folder), &mut findings)?;
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("the layout's rules are broken in {count} places"),
    }
}

fn walk(root: &Path, folder: &Path, findings: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let source = path
            .extension()
            .is_some_and(|kind| SOURCES.iter().any(|source| kind == *source));
        if path.is_symlink() || SKIPPED.contains(&name.as_ref()) {
            continue;
        } else if path.is_dir() {
            walk(root, &path, findings)?;
        } else if source {
            let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            findings.extend(check(&relative, &fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// What is wrong with one file.
fn check(path: &str, text: &str) -> Vec<String> {
    let rust = path.ends_with(".rs");
    let tokens = tokens(text, if rust { Language::Rust } else { Language::TypeScript });
    let mut findings = Findings { path, list: Vec::new() };

    let lines = text.lines().count();
    if lines > LONGEST {
        findings.add(lines, &format!("longer than {LONGEST} lines"));
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    if let Some(word) = stem.split(['-', '_']).find(|word| VAGUE.contains(word)) {
        findings.add(
            1,
            &format!("\"{word}\" says nothing: name the file after what it is about"),
        );
    }
    // Under tests it is how code is shared without being a test of its own.
    if name == "mod.rs" && !path.starts_with("tests/") && !only_reexports(&tokens) {
        findings.add(1, "mod.rs may only declare and re-export modules");
    }
    let layer = path
        .strip_prefix("src/")
        .map(|inner| inner.split(['/', '.']).next().unwrap_or_default());
    if rust && let Some(layer) = layer {
        rust_layer(layer, &tokens, &mut findings);
    }
    if folder == "js" && path.ends_with(".ts") && name != "types.ts" {
        let mut before = ("", "");
        for token in outside_types(&tokens) {
            // What the module exports is named as it likes.
            let export = before == ("glue", ".");
            before = (before.1, token.text);
            if !export && PROTOCOL.iter().any(|word| token.text.contains(word)) {
                findings.add(
                    token.line,
                    &format!("{} is protocol, which belongs in src/core", token.text),
                );
            }
        }
    }
    findings.list
}

struct Findings<'a> {
    path: &'a str,
    list: Vec<String>,
}

impl Findings<'_> {
    fn add(&mut self, line: usize, what: &str) {
        self.list.push(format!("{}:{line}: {what}", self.path));
    }
}

fn rust_layer(layer: &str, tokens: &[Token<'_>], findings: &mut Findings<'_>) {
    let words: &[&str] = match layer {
        "core" => HOST,
        "wasm" => &["web_sys"],
        _ => &[],
    };
    for token in tokens.iter().filter(|token| words.contains(&token.text)) {
        findings.add(token.line, &format!("{layer} may not use {}", token.text));
    }
    let mut awaits = 0;
    for (token, next) in tokens.iter().zip(tokens.iter().skip(1)) {
        if token.text == "fn" {
            awaits = 0;
        } else if token.text == "." && next.text == "await" {
            awaits += 1;
            // A function of wasm hands over to client once, and converts what comes back. Core is told above.
            if !matches!(layer, "client" | "core") && (layer != "wasm" || awaits > 1) {
                findings.add(next.line, ".await belongs in client");
            }
        }
    }

    for (at, path) in paths_in(tokens) {
        let [start, first, ..] = path.as_slice() else { continue };
        let inner = start == "crate" || start == "super" && path.iter().any(|part| is_layer(part));
        let named = path
            .iter()
            .find(|part| is_layer(part))
            .map_or(first.as_str(), String::as_str);
        let strange = match layer {
            "core" => inner && named != "core" && is_layer(named),
            "browser" => inner && named != "core" && named != "browser",
            _ => false,
        };
        if strange {
            findings.add(at, &format!("{layer} may not use {start}::{named}"));
        }
        let address = path.get(2).is_some_and(|part| part.starts_with("Ip"));
        if layer == "core" && start == "std" && IMPURE_STD.contains(&first.as_str()) && !address {
            findings.add(at, &format!("core may not use std::{first}"));
        }
        let types = path
            .iter()
            .any(|part| part == "self" || part == "*" || part.starts_with(char::is_uppercase));
        if layer == "browser" && inner && named == "core" && !types {
            findings.add(
                at,
                &format!("browser may use core's types only, not {}", path.join("::")),
            );
        }
    }
}

fn is_layer(part: &str) -> bool {
    matches!(part, "core" | "browser" | "client" | "wasm")
}

/// Every path of more than one part that starts at crate, super or std, with groups in braces spelled out.
fn paths_in(tokens: &[Token<'_>]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if matches!(token.text, "crate" | "super" | "std") {
            at = spell_out(tokens, at, &[token.text.to_owned()], &mut found);
        }
    }
    found
}

/// Follows one path from `at`, after its first parts, and returns where it ends.
fn spell_out(tokens: &[Token<'_>], mut at: usize, start: &[String], found: &mut Vec<(usize, Vec<String>)>) -> usize {
    let mut path = start.to_vec();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let line = tokens.get(at.saturating_sub(1)).map_or(0, |token| token.line);
    while text(at) == ":" && text(at + 1) == ":" {
        at += 2;
        if text(at) != "{" {
            path.push(text(at).to_owned());
            at += 1;
            continue;
        }
        at += 1;
        while at < tokens.len() && text(at) != "}" {
            path.push(text(at).to_owned());
            at = spell_out(tokens, at + 1, &path, found);
            path.pop();
            // Past a comma or `as name`.
            while !matches!(text(at), "" | "," | "}") {
                at += 1;
            }
            at += usize::from(text(at) == ",");
        }
        return at + 1;
    }
    if path.len() > 1 {
        found.push((line, path));
    }
    at
}

/// True when there are only `mod` and `use` items, and attributes.
fn only_reexports(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    let mut attribute = false;
    let mut item = Vec::new();
    for token in tokens {
        match token.text {
            "#" if item.is_empty() => attribute = true,
            "[" if attribute => depth += 1,
            "]" if attribute => {
                depth = depth.saturating_sub(1);
                attribute = depth > 0;
            }
            _ if attribute => {}
            ";" => {
                let kind = item
                    .iter()
                    .find(|word| matches!(**word, "mod" | "use" | "fn" | "struct" | "=" | "{"));
                if !matches!(kind, Some(&"mod" | &"use")) {
                    return false;
                }
                item.clear();
            }
            text => item.push(text),
        }
    }
    item.is_empty()
}

/// The tokens that are in no interface and no type alias.
fn outside_types<'a, 'b>(tokens: &'b [Token<'a>]) -> Vec<&'b Token<'a>> {
    let mut outside = Vec::new();
    let mut depth = 0_usize;
    let mut declaration = None;
    for (at, token) in tokens.iter().enumerate() {
        let before = at
            .checked_sub(1)
            .and_then(|at| tokens.get(at))
            .map_or(";", |token| token.text);
        let item = matches!(before, ";" | "}" | "export" | "declare");
        if declaration.is_none() && depth == 0 && item && matches!(token.text, "interface" | "type") {
            declaration = Some(token.text);
        }
        match token.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if declaration.is_none() {
            outside.push(token);
        } else if depth == 0 && (declaration == Some("interface") && token.text == "}" || token.text == ";") {
            declaration = None;
        }
    }
    outside
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
