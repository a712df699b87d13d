//! What is read of a response's body, by its type.

use scopewise::core::http::Response;

use crate::common::parse_json;

#[test]
fn a_body_is_what_its_type_says() {
    let object = r#"{"sub":"ada"}"#;
    let read = |content_type: &str, text: Option<&str>| {
        Response::read(200, content_type, text.map(str::to_owned), &parse_json)
    };
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/jrd+json",
    ] {
        let response = read(content_type, Some(object));
        let sub = response.json.as_ref().and_then(|json| json.text("sub"));
        assert_eq!((sub, &response.jwt), (Some("ada"), &None), "{content_type}");
        assert_eq!(read(content_type, Some("[]")).json, None, "no object");
        assert_eq!(read(content_type, Some("{")).json, None, "no JSON");
        assert_eq!(read(content_type, None).json, None, "too long");
    }
    let signed = read("application/jwt ", Some("a.b.c"));
    assert_eq!((&signed.json, signed.jwt.as_deref()), (&None, Some("a.b.c")));
    for content_type in [
        "",
        "text/html",
        "text/json",
        "application/jsonp",
        "+json",
        "application/xml",
    ] {
        let response = read(content_type, Some(object));
        assert_eq!((response.json, response.jwt), (None, None), "{content_type}");
    }
}
