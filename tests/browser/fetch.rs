//! Requests, against scripted answers and against the page's own server.

use super::page::{Changed, browser, member, milliseconds, script, script_with};
use scopewise::browser::Browser;
use scopewise::core::dpop::PublicKey;
use scopewise::core::http::{Request, Response, TransportError};
use scopewise::core::secret::AccessToken;
use scopewise::core::url::Params;
use scopewise::core::value::Value;
use scopewise::host::{Network, Page};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const URL: &str = "https://id.example/token";

/// A host with a fetch of this body; what it was called with is in `calls`.
fn host(body: &str) -> JsValue {
    script(&format!(
        "const calls = []; return {{ calls, fetch(url, init) {{ calls.push({{ url, init }}); {body} }} }}"
    ))
}

fn post() -> Request {
    let mut params = Params::new();
    params.push("code", "a b&c");
    Request::post(URL, &params)
}

async fn send(host: &JsValue, request: &Request, timeout: u32) -> Result<Response, TransportError> {
    let fetch = member(host, "fetch").unchecked_into();
    Browser::default().with_fetch(fetch).send(request, timeout).await
}

async fn get(body: &str) -> Result<Response, TransportError> {
    send(&host(body), &Request::get(URL), 5_000).await
}

#[wasm_bindgen_test]
async fn status_and_members_come_back() {
    let body = "return new Response('{\"error\": \"invalid_grant\", \"n\": 5}', { status: 400, headers: { 'content-type': 'application/json' } })";
    let response = get(body).await.unwrap();
    assert_eq!(response.status, 400);
    let json = response.json.unwrap();
    assert_eq!(json.text("error"), Some("invalid_grant"));
    assert_eq!(json.get("n"), Some(&Value::Number(5.0)));
}

/// A page of another realm, whose objects are none of this one's.
const FRAME: &str = "const frame = document.body.appendChild(document.createElement('iframe'));
    setTimeout(() => frame.remove(), 1000);
    const other = frame.contentWindow;
    const bytes = new other.TextEncoder().encode('{\"a\": \"1\"}');
    const json = { headers: { 'content-type': 'application/json' } };
    const streamed = (part) => new Response(new ReadableStream({ start(to) { to.enqueue(part); to.close(); } }), json);
    // Each part comes once.
    const made = (...parts) => ({ status: 200, headers: new Headers(json.headers), body: { getReader: () => ({
        read: () => ({ done: parts.length === 0, value: parts.shift() }) }) } });";

#[wasm_bindgen_test]
async fn a_response_of_another_realm_is_read() {
    for answer in [
        "new other.Response('{\"a\": \"1\"}', json)",
        "new other.Response(bytes, json)",
        "streamed(new other.Uint8Array(bytes))",
        "made(new other.Uint8Array(bytes))",
        "made(new Uint8Array(bytes))",
    ] {
        let response = get(&format!("{FRAME} return {answer}")).await;
        let json = response.ok().and_then(|response| response.json);
        let a = json.as_ref().and_then(|json| json.text("a"));
        assert_eq!(a, Some("1"), "{answer}");
    }
}

#[wasm_bindgen_test]
async fn what_is_no_bytes_is_no_part_of_a_body() {
    for part in [
        "bytes.buffer",
        "new DataView(bytes.buffer)",
        "new other.Uint16Array(4)",
        "[...bytes]",
        "{ length: 3, [Symbol.toStringTag]: 'Uint8Array' }",
        "new Proxy(bytes, {})",
        "'{}'",
        "4",
        "null",
    ] {
        let response = get(&format!("{FRAME} return made({part})")).await;
        assert_eq!(response.err(), Some(TransportError::Lost), "{part}");
    }
}

#[wasm_bindgen_test]
async fn json_is_json_by_its_type_and_an_object() {
    let of_type = |kind: &str, text: &str| {
        format!("return Promise.resolve(new Response('{text}', {{ headers: {{ 'content-type': '{kind}' }} }}))")
    };
    for kind in [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json ; charset=utf-8",
        "application/scim+json",
    ] {
        let response = get(&of_type(kind, "{\"a\": \"1\"}")).await.unwrap();
        assert_eq!((response.status, response.json.is_some()), (200, true), "{kind}");
    }
    for kind in [
        "text/html",
        "text/json",
        "application/jsonp",
        "application/json-seq",
        "text/plain; application/json",
        "",
    ] {
        let response = get(&of_type(kind, "{\"a\": \"1\"}")).await.unwrap();
        assert_eq!((response.status, response.json), (200, None), "{kind}");
    }
    for (kind, is_jwt) in [
        ("application/jwt", true),
        ("Application/JWT; charset=utf-8", true),
        ("application/at+jwt", false),
        ("text/plain", false),
    ] {
        let response = get(&of_type(kind, "a.b.c")).await.unwrap();
        assert_eq!(response.jwt.as_deref(), is_jwt.then_some("a.b.c"), "{kind}");
        assert_eq!(response.json, None);
    }
    for text in ["", "[]", "null", "<p>", "{"] {
        let response = get(&of_type("application/json", text)).await.unwrap();
        assert_eq!((response.status, response.json), (200, None), "{text}");
    }
}

#[wasm_bindgen_test]
async fn of_a_body_no_more_is_read_than_counts() {
    // It never ends, and comes in pieces of 64 KiB.
    let endless = host(
        "return new Response(new ReadableStream({ pull: (body) => { calls.push(0); body.enqueue(new Uint8Array(65536).fill(32)); } }),
            { status: 400, headers: { 'content-type': 'application/json' } })",
    );
    let response = send(&endless, &Request::get(URL), 5_000).await.unwrap();
    assert_eq!((response.status, response.json), (400, None));
    let pieces = script_with(&endless, "return it.calls.length").as_f64().unwrap();
    assert!((17.0..25.0).contains(&pieces), "{pieces}");
    let of_length = |length: usize| {
        format!(
            "return new Response('{{\"a\":\"1\"}}'.padEnd({length}), {{ headers: {{ 'content-type': 'application/json' }} }})"
        )
    };
    assert!(get(&of_length(1 << 20)).await.unwrap().json.is_some());
    assert_eq!(get(&of_length((1 << 20) + 1)).await.unwrap().json, None);
}

#[wasm_bindgen_test]
async fn a_response_of_the_applications_own_making_is_read_too() {
    let json = "{ get: () => 'application/json' }";
    for body in [
        format!("return {{ status: 200, headers: {json}, text: async () => '{{\"a\":\"1\"}}' }}"),
        format!("return {{ status: 200, headers: {json}, body: null, text: () => '{{\"a\":\"1\"}}' }}"),
        // Characters may be cut in two, and a byte order mark is none of the text.
        "const bytes = new TextEncoder().encode('\\ufeff{\"a\":\"1\",\"b\":\"é\"}');
            return new Response(new ReadableStream({ start(body) { for (const byte of bytes) body.enqueue(new Uint8Array([byte])); body.close(); } }),
            { headers: { 'content-type': 'application/json' } })"
            .to_owned(),
    ] {
        let json = get(&body).await.unwrap().json.unwrap();
        assert_eq!(json.text("a"), Some("1"), "{body}");
    }
    for body in [
        "const used = new Response('{}'); used.text(); return used",
        "return { status: 200, headers: new Headers(), body: {} }",
        "return { status: 200, headers: new Headers(), body: new ReadableStream({ start: (body) => body.enqueue('text') }) }",
    ] {
        assert_eq!(get(body).await, Err(TransportError::Lost), "{body}");
    }
}

#[wasm_bindgen_test]
async fn a_redirect_that_is_not_followed_has_status_0() {
    let response = get("return Response.error()").await.unwrap();
    assert_eq!((response.status, response.json), (0, None));
    let response = get("return new Response(null, { status: 204 })").await.unwrap();
    assert_eq!((response.status, response.json), (204, None));
}

#[wasm_bindgen_test]
async fn requests_carry_no_cookies_referrer_or_cache_and_follow_no_redirect() {
    const COMMON: &str = "const { url, init } = it.calls[0];
        const { credentials, cache, referrerPolicy, redirect, method, body, headers } = init;
        return JSON.stringify([it.calls.length, url, credentials, cache, referrerPolicy, redirect, method, body, headers])";
    let given = host("return new Response('')");
    send(&given, &Request::get(URL), 5_000).await.unwrap();
    assert_eq!(
        script_with(&given, COMMON),
        r#"[1,"https://id.example/token","omit","no-store","no-referrer","manual",null,null,{"accept":"application/json"}]"#
    );
    let given = host("return new Response('')");
    send(&given, &post(), 5_000).await.unwrap();
    let calls = script_with(&given, COMMON).as_string().unwrap();
    let expected = r#"[1,"https://id.example/token","omit","no-store","no-referrer","manual","POST",""#;
    assert!(calls.starts_with(expected), "{calls}");
    assert!(
        calls.contains(r#""content-type":"application/x-www-form-urlencoded""#),
        "{calls}"
    );
    let body = member(&member(&member(&member(&given, "calls"), "0"), "init"), "body");
    assert_eq!(
        script_with(&body, "return new URLSearchParams(it).get('code')"),
        "a b&c"
    );
}

#[wasm_bindgen_test]
async fn an_answer_must_come_in_time_headers_and_body() {
    for body in [
        "return new Promise(() => {})",
        "return new Response(new ReadableStream({}), { headers: { 'content-type': 'application/json' } })",
    ] {
        let (host, start) = (host(body), milliseconds());
        assert_eq!(send(&host, &post(), 100).await, Err(TransportError::Timeout));
        let waited = milliseconds() - start;
        assert!((90.0..5_000.0).contains(&waited), "{waited}");
        assert_eq!(script_with(&host, "return it.calls[0].init.signal.aborted"), true);
    }
}

#[wasm_bindgen_test]
async fn a_fetch_that_throws_has_sent_nothing() {
    let answer = get("throw new TypeError('no such scheme')").await;
    assert_eq!(answer, Err(TransportError::NotSent));
}

#[wasm_bindgen_test]
async fn an_answer_that_does_not_arrive_is_lost() {
    for body in [
        "return Promise.reject(new TypeError('Failed to fetch'))",
        "return new Response(new ReadableStream({ start: (body) => body.error(new Error('cut')) }))",
        "return undefined",
        "return { status: 200 }",
    ] {
        assert_eq!(get(body).await, Err(TransportError::Lost), "{body}");
    }
}

#[wasm_bindgen_test]
async fn without_a_fetch_of_its_own_the_application_uses_the_pages() {
    let own = Request::get(browser().resolve("/").unwrap());
    let response = browser().send(&own, 5_000).await.unwrap();
    assert_eq!((response.status, response.json), (200, None));
    // Nobody listens on port 1.
    let nowhere = Request::get("http://127.0.0.1:1/");
    assert_eq!(browser().send(&nowhere, 5_000).await, Err(TransportError::Lost));
}

#[wasm_bindgen_test]
async fn a_token_is_sent_in_its_header() {
    let given = host("return new Response('')");
    let mut request = Request::get(URL);
    request.token = Some(AccessToken::new("secret"));
    send(&given, &request, 5_000).await.unwrap();
    assert_eq!(
        script_with(&given, "return it.calls[0].init.headers.authorization"),
        "Bearer secret"
    );
}

#[wasm_bindgen_test]
async fn a_bound_token_is_sent_with_its_proof_and_the_nonce_comes_back() {
    let given = host("return new Response('', { headers: { 'DPoP-Nonce': 'next' } })");
    let mut request = Request::get(URL);
    request.token = Some(AccessToken::new("secret").bound_to(Some(PublicKey::new("x", "y"))));
    request.proof = Some("proof".to_owned());
    let response = send(&given, &request, 5_000).await.unwrap();
    assert_eq!(response.dpop_nonce.as_deref(), Some("next"));
    let sent = "return Object.values(it.calls[0].init.headers).join()";
    assert_eq!(script_with(&given, sent), "application/json,DPoP secret,proof");
}

#[wasm_bindgen_test]
async fn offline_nothing_leaves_but_for_this_machine() {
    let _changed = Changed::new(
        "Object.defineProperty(navigator, 'onLine', { configurable: true, value: false })",
        "delete navigator.onLine",
    );
    for (url, answer, calls) in [
        (URL, Err(TransportError::NotSent), 0),
        ("http://127.0.0.1:4400/token", Ok(200), 1),
        ("http://localhost:4400/token", Ok(200), 1),
        ("http://[::1]:4400/token", Ok(200), 1),
        ("http://id.localhost/token", Ok(200), 1),
    ] {
        let host = host("return new Response('')");
        let status = send(&host, &Request::get(url), 5_000).await;
        assert_eq!(status.map(|response| response.status), answer, "{url}");
        assert_eq!(script_with(&host, "return it.calls.length"), calls, "{url}");
    }
}
