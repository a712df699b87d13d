//! Functions that the page brings along.

use super::page::{member, script};
use scopewise::browser::callback;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn each_function_of_the_page_is_called_with_what_it_takes() {
    let page = script(
        "const calls = [];
         const note = (name) => (...given) => void calls.push(name, ...given);
         return { calls, watch: note('watch'), changed: note('changed'), done: note('done') }",
    );
    let promise = script("return Promise.resolve()");
    callback::setup(member(&page, "watch"));
    callback::wait(&promise, 7);
    callback::changed(&page);
    callback::done(&member(&page, "done"), Some("text"));
    callback::done(&member(&page, "done"), None);
    let calls: Vec<JsValue> = js_sys::Array::from(&member(&page, "calls")).to_vec();
    let expected: Vec<JsValue> = vec![
        "watch".into(),
        promise,
        7.into(),
        "changed".into(),
        "done".into(),
        "text".into(),
        "done".into(),
        JsValue::UNDEFINED,
    ];
    for (index, (call, expected)) in calls.iter().zip(&expected).enumerate() {
        assert!(call == expected, "{index}");
    }
    assert_eq!(calls.len(), expected.len());
}
