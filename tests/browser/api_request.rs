//! Calls of APIs, against scripted answers: how often they can be sent, and what is left for the application.

use super::page::{browser, member, pending_for, script, script_with, settled};
use scopewise::browser::JsApiRequest;
use scopewise::core::dpop::PublicKey;
use scopewise::core::secret::AccessToken;
use scopewise::host::{ApiRequest, ApiResponse, NotAnswered, Page};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const URL: &str = "https://api.example/things";

/// An application's fetch of this body; the requests that it was called with are in `calls`.
fn fetch(body: &str) -> JsValue {
    script(&format!(
        "const calls = []; return {{ calls, fetch(request) {{ calls.push(request); {body} }} }}"
    ))
}

fn request_of(page: &JsValue, input: JsValue, init: &str) -> JsApiRequest {
    let init = script(&format!("return {init}"));
    JsApiRequest::new(input, init, Some(member(page, "fetch").unchecked_into())).expect("a request")
}

async fn send(request: &JsApiRequest, token: &str) -> Result<ApiResponse, NotAnswered> {
    request.send(&AccessToken::new(token), None).await
}

#[wasm_bindgen_test]
async fn a_request_carries_its_token_and_what_its_caller_said() {
    let page = fetch("return Promise.resolve(new Response('body', { status: 201 }))");
    let init = "{ method: 'POST', body: 'text', headers: { accept: 'text/plain', authorization: 'Basic x' } }";
    let request = request_of(&page, format!("{URL}?a=b#part").into(), init);
    assert_eq!(request.url(), format!("{URL}?a=b"));
    let response = send(&request, "first").await.unwrap();
    assert_eq!(response.status, 201);
    // A response without a URL was made by the page itself.
    assert_eq!(response.url, format!("{URL}?a=b#part"));
    assert_eq!((response.challenge, response.is_challenge_hidden), (None, false));
    assert!(request.is_replayable());
    send(&request, "second").await.unwrap();
    let told = script_with(
        &page,
        "return Promise.all(it.calls.map(async (call) => [call.method, call.headers.get('accept'), call.headers.get('authorization'), await call.text()].join(' '))).then(String)",
    );
    assert_eq!(
        settled(told).await.as_deref(),
        Some("POST text/plain Bearer first text,POST text/plain Bearer second text")
    );
    let body = script_with(&request.response().unwrap(), "return it.text()");
    assert_eq!(
        settled(body).await.as_deref(),
        Some("body"),
        "it is the application's to read"
    );
    assert_eq!(request.thrown(), None);
}

#[wasm_bindgen_test]
async fn c250_with_a_proof_a_request_follows_no_redirect_and_is_the_same_otherwise() {
    for (mode, sent) in [("follow", "manual"), ("manual", "undefined"), ("error", "undefined")] {
        let page = script(
            "const calls = []; return { calls, fetch(request, init) {
               calls.push([request.headers.get('authorization'), request.headers.get('dpop'), init?.redirect,
                 init ? new Request(request, init).referrerPolicy : 'origin'].map(String).join(' '));
               return new Response('', { headers: { 'dpop-nonce': 'next' } }) } }",
        );
        let init = format!("{{ redirect: '{mode}', referrerPolicy: 'origin' }}");
        let request = request_of(&page, URL.into(), &init);
        let token = AccessToken::new("first").bound_to(Some(PublicKey::new("x", "y")));
        let response = request.send(&token, Some("proof")).await.unwrap();
        assert_eq!(response.dpop_nonce.as_deref(), Some("next"));
        let told = script_with(&page, "return it.calls.join()");
        assert_eq!(told, format!("DPoP first proof {sent} origin").as_str(), "{mode}");
    }
}

#[wasm_bindgen_test]
async fn a_body_that_is_gone_is_not_sent_again() {
    for (input, init, is_one_time) in [
        ("'https://api.example/'", "undefined", false),
        ("new URL('https://api.example/')", "{}", false),
        ("'https://api.example/'", "{ method: 'POST', body: 'text' }", false),
        (
            "'https://api.example/'",
            "{ method: 'POST', body: new Blob(['x']) }",
            false,
        ),
        (
            "'https://api.example/'",
            "{ method: 'POST', body: new ReadableStream(), duplex: 'half' }",
            true,
        ),
        ("new Request('https://api.example/')", "undefined", false),
        ("new Request('https://api.example/', { method: 'HEAD' })", "{}", false),
        (
            "new Request('https://api.example/', { method: 'POST', body: 'x' })",
            "undefined",
            true,
        ),
        (
            "new Request('https://api.example/', { method: 'POST', body: 'x' })",
            "{ body: 'y' }",
            false,
        ),
    ] {
        let page = fetch("return new Response('')");
        let request = request_of(&page, script(&format!("return {input}")), init);
        assert!(request.is_replayable(), "once in any case: {input} {init}");
        send(&request, "token").await.unwrap();
        assert_eq!(request.is_replayable(), !is_one_time, "{input} {init}");
        if !is_one_time {
            send(&request, "token").await.unwrap();
        }
    }
}

#[wasm_bindgen_test]
async fn a_challenge_is_read_where_the_page_may_see_it() {
    let page = fetch(
        "const response = new Response('', { status: 401, headers: { 'www-authenticate': 'Bearer error=\"invalid_token\"' } });
         Object.defineProperty(response, 'url', { value: 'https://api.example/moved' });
         return response",
    );
    let response = send(&request_of(&page, URL.into(), "{}"), "token").await.unwrap();
    let expected = ApiResponse {
        status: 401,
        url: "https://api.example/moved".to_owned(),
        challenge: Some(r#"Bearer error="invalid_token""#.to_owned()),
        is_challenge_hidden: false,
        dpop_nonce: None,
    };
    assert_eq!(response, expected);
    let page = fetch(
        "const response = new Response('', { status: 403 });
         Object.defineProperty(response, 'type', { value: 'cors' });
         return response",
    );
    let response = send(&request_of(&page, URL.into(), "{}"), "token").await.unwrap();
    assert_eq!((response.challenge, response.is_challenge_hidden), (None, true));
}

#[wasm_bindgen_test]
async fn what_is_no_response_by_class_is_one_by_its_members() {
    let page = fetch("return { status: 204, headers: new Headers() }");
    let request = request_of(&page, URL.into(), "{}");
    let response = send(&request, "token").await.unwrap();
    assert_eq!((response.status, response.url.as_str()), (204, URL));
    assert_eq!(script_with(&request.response().unwrap(), "return it.status"), 204);
}

#[wasm_bindgen_test]
async fn what_the_platform_throws_is_kept_for_the_application() {
    for body in ["throw 'why'", "return Promise.reject('why')"] {
        let request = request_of(&fetch(body), URL.into(), "{}");
        assert_eq!(send(&request, "token").await, Err(NotAnswered), "{body}");
        assert_eq!(request.thrown(), Some("why".into()), "{body}");
        assert_eq!(request.response(), None, "{body}");
    }
    let none = JsApiRequest::new("http://[".into(), JsValue::UNDEFINED, None);
    let thrown = none.expect_err("no request").dyn_into::<js_sys::TypeError>();
    assert!(thrown.is_ok(), "as the platform says it");
}

#[wasm_bindgen_test]
async fn a_caller_may_give_up() {
    let controller = script("return new AbortController()");
    let init = script_with(&controller, "return { signal: it.signal }");
    let request = JsApiRequest::new(URL.into(), init, None).expect("a request");
    assert!(!request.is_aborted());
    {
        let mut aborted = request.aborted();
        assert!(pending_for(&mut aborted, 50).await);
        script_with(&controller, "it.abort('enough')");
        aborted.await;
    }
    request.aborted().await;
    assert!(request.is_aborted());
    assert_eq!(request.signal().reason(), "enough");
    assert_eq!(send(&request, "token").await, Err(NotAnswered));
    assert_eq!(request.thrown(), Some("enough".into()));
}

#[wasm_bindgen_test]
async fn without_a_fetch_of_its_own_the_application_uses_the_pages() {
    let url = browser().resolve("/").unwrap();
    let request = JsApiRequest::new(url.as_str().into(), JsValue::UNDEFINED, None).expect("a request");
    let response = send(&request, "token").await.unwrap();
    assert_eq!((response.status, response.url), (200, url));
}
