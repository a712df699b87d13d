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

/// Puts an instance behind the glue.
const USE: &str = "
export function use(exports) {
    wasm = exports;
}
";

/// Functions of the glue in fewer bytes: texts here are short, views are cheap, and no old one outlives an instance.
const HELPERS: [(&str, &str); 4] = [
    ("getDataViewMemory0()", "return new DataView(wasm.memory.buffer);"),
    ("getUint8ArrayMemory0()", "return new Uint8Array(wasm.memory.buffer);"),
    (
        "passStringToWasm0(arg, malloc, realloc)",
        "const bytes = cachedTextEncoder.encode(arg);
    const ptr = malloc((WASM_VECTOR_LEN = bytes.length), 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, ptr);
    return ptr;",
    ),
    ("decodeText(bytes)", "return cachedTextDecoder.decode(bytes);"),
];

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
    let mut glue = format!("{glue}{USE}");
    for (head, body) in HELPERS {
        replace(&mut glue, head, body)?;
    }
    let mut text = called(&glue, &exports)?;
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

/// Gives a function of the glue another body.
fn replace(glue: &mut String, head: &str, body: &str) -> Result<()> {
    let start = format!("function {head} {{\n");
    let from = glue
        .find(&start)
        .with_context(|| format!("the glue has no function {head}"))?
        + start.len();
    let length = glue.get(from..).and_then(|rest| rest.find("\n}\n"));
    let to = from + length.with_context(|| format!("function {head} of the glue has no end"))?;
    glue.replace_range(from..to, &format!("    {body}"));
    Ok(())
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

    /// The functions that are replaced, as wasm-bindgen writes them.
    fn glue(text: &str) -> String {
        HELPERS.iter().fold(text.to_owned(), |glue, (head, _)| {
            format!("{glue}function {head} {{\n    old;\n}}\n")
        })
    }

    #[test]
    fn both_sides_agree() {
        let (glue, types) = shorten(&glue(GLUE), "declare;", REPORT).unwrap_or_default();
        assert!(
            glue.starts_with(
                "import { now as import_d } from './clock.js';\n\
                 export function open(x) { return wasm.c(x); }\n\
                 export function __wbg_send_0a() { mywasm.open(); }\nlet wasm;\n\
                 function getDataViewMemory0() {\n    return new DataView(wasm.e.buffer);\n}\n"
            ),
            "{glue}"
        );
        assert!(
            glue.ends_with(
                "\nexport function use(exports) {\n    wasm = exports;\n}\n\
                 \nexport const imports = { a: { b: __wbg_send_0a, d: import_d, } };\n"
            ),
            "{glue}"
        );
        assert!(!glue.contains("old;"), "{glue}");
        assert!(types.starts_with("declare;") && types.contains("imports"));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let error = |text: &str, report: &str| {
            shorten(&glue(text), "", report)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(error("wasm.close()", REPORT).contains("close is not exported"));
        assert!(error("", REPORT).contains("__wbg_send_0a"));
        assert!(error(GLUE, &REPORT.replace("open", "__wbindgen_start")).contains("started"));
        assert!(error(GLUE, "{}").contains("exports"));
        let bare = shorten(GLUE, "", REPORT).err().map(|error| error.to_string());
        assert!(bare.is_some_and(|text| text.contains("getDataViewMemory0")));
    }
}
