//! Where the application wants its user back.

use scopewise::core::authorize::return_to;
use url::Url;

use crate::common::{CALLBACK, ORIGIN};
use crate::input::{Input, check_error};

pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let text = input.text();
    let path = match return_to::parse(text, ORIGIN, CALLBACK) {
        Ok(path) => path,
        Err(error) => {
            assert_eq!(error.code(), "invalid_return_to");
            return check_error(&error, [text]);
        }
    };
    assert!(path.len() <= text.len().max(1));
    // Browsers stay at the origin, and make no other path of it.
    let origin = Url::parse(ORIGIN).unwrap();
    let there = origin.join(&path).unwrap();
    assert_eq!(there.origin(), origin.origin(), "{path:?}");
    assert!(!there.path().starts_with("//"), "{path:?}");
    // Nor do routers that join it once more, or take the path alone.
    assert_eq!(origin.join(there.path()).unwrap().origin(), origin.origin());
    assert_eq!(
        return_to::parse(&path, ORIGIN, CALLBACK),
        Ok(path.clone()),
        "once is enough"
    );
    assert_eq!(return_to::parse(&[ORIGIN, &path].concat(), ORIGIN, CALLBACK), Ok(path));
}
