//! Tables of test vectors, which other languages read too.

use serde_json::Value;

/// A table of test vectors.
pub(crate) fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// One test for each case id, and the list of them all.
#[allow(unused_macros, reason = "each test binary uses a part of this")]
macro_rules! cases {
    ($run:ident: $($name:ident = $id:literal,)*) => {
        const CASES: &[&str] = &[$($id),*];
        $(
            #[test]
            fn $name() {
                $run($id);
            }
        )*
    };
}
#[allow(unused_imports, reason = "each test binary uses a part of this")]
pub(crate) use cases;

/// The rows of a table that belong to a case: one at least.
pub(crate) fn rows(table: &Value, case: &str) -> Vec<Value> {
    let rows: Vec<_> = table["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["case"] == case)
        .cloned()
        .collect();
    assert!(!rows.is_empty(), "no vector for {case}");
    rows
}

/// No row of a table may be left out.
pub(crate) fn assert_all_run(table: &Value, cases: &[&str]) {
    for row in table["cases"].as_array().unwrap() {
        assert!(cases.contains(&row["case"].as_str().unwrap()), "no test runs {row}");
    }
}
