//! Short names between the WebAssembly and its glue. wasm-bindgen's are long and end in hashes, which no compression
//! makes small: both sides together lose some 2,000 bytes of brotli.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write;

/// What wasm-bindgen calls the glue, which holds all imports that are not a script's own function as it is.
const GLUE: &str = "./scopewise_bg.js";

/// What the loader needs, besides the functions that call the module.
const TYPES: &str = "
export const imports: WebAssembly.Imports;
export function use(exports: WebAssembly.Exports): void;
";

/// Puts an instance behind the glue. Growing a memory, be it by nothing, detaches its views: the glue makes new ones.
const USE: &str = "
export function use(exports) {
    wasm?.memory.grow(0);
    wasm = exports;
}
";

/// The glue and its declarations with the names that wasm-opt's --minify-imports-and-exports-and-modules reports to
/// have given, and with what a loader needs.
pub(crate) fn shorten(glue: &str, types: &str, report: &str) -> Result<(String, String)> {
    let report: Value = serde_json::from_str(report).context("wasm-opt did not say what it renamed")?;
    let exports: HashMap<_, _> = entries(&report, "exports")?
        .into_iter()
        .map(|[name, short]| (name, short))
        .collect();
    ensure!(
        !exports.contains_key("__wbindgen_start"),
        "the module wants to be started, which no loader does"
    );
    let mut text = called(&format!("{glue}{USE}"), &exports)?;
    let mut members = String::new();
    for [module, name, short] in entries(&report, "imports")? {
        if module == GLUE {
            ensure!(
                glue.contains(&format!("export function {name}(")),
                "the glue does not define {name}"
            );
            write!(members, " {short}: {name},")?;
        } else {
            text = format!("import {{ {name} as import_{short} }} from '{module}';\n{text}");
            write!(members, " {short}: import_{short},")?;
        }
    }
    // All imports are of one module now.
    write!(text, "\nexport const imports = {{ a: {{{members} }} }};\n")?;
    Ok((text, format!("{types}{TYPES}")))
}

/// The glue, calling the module's exports by their short names.
fn called(glue: &str, exports: &HashMap<&str, &str>) -> Result<String> {
    let mut text = String::with_capacity(glue.len());
    let mut rest = glue;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let (marks, after) = after.split_at(after.find(is_word).unwrap_or(after.len()));
        let before = text
            .strip_suffix('.')
            .map(|text| text.strip_suffix('?').unwrap_or(text));
        let exported = before
            .and_then(|text| text.strip_suffix("wasm"))
            .is_some_and(|text| !text.ends_with(is_word));
        let short = exported.then(|| exports.get(word).with_context(|| format!("{word} is not exported")));
        text.push_str(short.transpose()?.copied().unwrap_or(word));
        text.push_str(marks);
        rest = after;
    }
    Ok(text)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The entries of a list of the report: [module, name, short name] or [name, short name].
fn entries<'a, const N: usize>(report: &'a Value, list: &str) -> Result<Vec<[&'a str; N]>> {
    let entries = report
        .get(list)
        .and_then(Value::as_array)
        .with_context(|| format!("no {list} were renamed"))?;
    let entry = |entry: &'a Value| {
        let texts = entry
            .as_array()?
            .iter()
            .map(Value::as_str)
            .collect::<Option<Vec<_>>>()?;
        texts.try_into().ok()
    };
    entries
        .iter()
        .map(entry)
        .collect::<Option<_>>()
        .with_context(|| format!("cannot read which {list} were renamed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{
        "imports": [["./scopewise_bg.js", "__wbg_send_0a", "b"], ["./clock.js", "now", "d"]],
        "exports": [["open", "c"], ["memory", "e"]]
    }"#;

    const GLUE: &str = "export function open(x) { return wasm.open(x); }\n\
                        export function __wbg_send_0a() { mywasm.open(); }\nlet wasm;\n";

    #[test]
    fn both_sides_agree() {
        let (glue, types) = shorten(GLUE, "declare;", REPORT).unwrap_or_default();
        assert_eq!(
            glue,
            "import { now as import_d } from './clock.js';\n\
             export function open(x) { return wasm.c(x); }\n\
             export function __wbg_send_0a() { mywasm.open(); }\nlet wasm;\n\
             \nexport function use(exports) {\n    wasm?.e.grow(0);\n    wasm = exports;\n}\n\
             \nexport const imports = { a: { b: __wbg_send_0a, d: import_d, } };\n"
        );
        assert!(types.starts_with("declare;") && types.contains("imports"));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let error = |glue: &str, report: &str| {
            shorten(glue, "", report)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(error("wasm.close()", REPORT).contains("close is not exported"));
        assert!(error("", REPORT).contains("__wbg_send_0a"));
        assert!(error(GLUE, &REPORT.replace("open", "__wbindgen_start")).contains("started"));
        assert!(error(GLUE, "{}").contains("exports"));
    }
}
