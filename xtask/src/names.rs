//! Short names between the WebAssembly and its glue. wasm-bindgen's are long and end in hashes, which no compression
//! makes small: both sides together lose some 2,000 bytes of brotli.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::HashMap;

const OWN: &str = "./scopewise_bg.js";
const FIRST: &str = "const import0 = {";
const START: &str = "wasm.__wbindgen_start();";

/// Gives the glue the names that wasm-opt's --minify-imports-and-exports-and-modules reports to have given.
pub(crate) fn shorten(glue: &str, report: &str) -> Result<String> {
    let report: Value = serde_json::from_str(report).context("wasm-opt did not say what it renamed")?;
    let exports: HashMap<_, _> = entries(&report, "exports")?
        .into_iter()
        .map(|[name, short]| (name, short))
        .collect();
    let mut imports = HashMap::new();
    let mut glue = replace_once(glue, &format!("\"{OWN}\""), "a")?;
    if !exports.contains_key("__wbindgen_start") {
        // __wbg_reset_state calls it even where there is none.
        glue = glue.replace(START, "");
    }
    let mut others = Vec::new();
    for [module, name, short] in entries(&report, "imports")? {
        if module == OWN {
            imports.insert(name, short);
            continue;
        }
        // Taken from another script as it is. All imports are of one module now, so it joins the others.
        let (_, after) = glue
            .split_once(&format!("\"{module}\": "))
            .with_context(|| format!("no {module}"))?;
        let (script, _) = after.split_once(',').with_context(|| format!("no end of {module}"))?;
        let member = format!("{script}.{name},");
        others.push(format!("\"{module}\": {script},"));
        glue = replace_once(&glue, FIRST, &format!("{FIRST}\n        {short}: {member}"))?;
    }
    for other in others {
        glue = glue.replace(&other, "");
    }

    let mut text = String::with_capacity(glue.len());
    let mut renamed = 0;
    let mut rest = glue.as_str();
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let (marks, after) = after.split_at(after.find(is_word).unwrap_or(after.len()));
        let exported = text
            .strip_suffix("wasm.")
            .is_some_and(|before| !before.ends_with(is_word));
        let short = if exported {
            Some(
                exports
                    .get(word)
                    .with_context(|| format!("the glue calls {word}, which is not exported"))?,
            )
        } else {
            imports
                .get(word)
                .filter(|_| marks.starts_with(':'))
                .inspect(|_| renamed += 1)
        };
        text.push_str(short.copied().unwrap_or(word));
        text.push_str(marks);
        rest = after;
    }
    ensure!(
        renamed == imports.len(),
        "the glue defines {renamed} of {} imports",
        imports.len()
    );
    Ok(text)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn replace_once(text: &str, what: &str, with: &str) -> Result<String> {
    ensure!(text.matches(what).count() == 1, "the glue does not hold {what} once");
    Ok(text.replace(what, with))
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
        "imports": [["./scopewise_bg.js", "__wbg_now_0a", "b"], ["./clock.js", "now", "d"]],
        "exports": [["open", "c"]]
    }"#;

    #[test]
    fn both_sides_agree() {
        let glue = "function open(x) { return wasm.open(x); }\nwasm.__wbindgen_start();\n\
                    const import0 = {\n        __wbg_now_0a: function() {},\n};\n\
                    return { \"./scopewise_bg.js\": import0, \"./clock.js\": import1, };";
        let short = "function open(x) { return wasm.c(x); }\n\n\
                     const import0 = {\n        d: import1.now,\n        b: function() {},\n};\n\
                     return { a: import0,  };";
        assert_eq!(shorten(glue, REPORT).ok().as_deref(), Some(short));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let imports = "const import0 = {}; return { \"./scopewise_bg.js\": import0, \"./clock.js\": import1, };";
        let error = |glue: &str| {
            shorten(glue, REPORT)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(error(&format!("wasm.close() {imports}")).contains("close"));
        assert!(error(imports).contains("0 of 1 imports"));
        assert!(error("__wbg_now_0a: 1").contains("once"));
    }
}
