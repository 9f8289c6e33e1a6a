//! What is wrong with a fault that came as data.

use super::{Fault, Kind, RetryAfter};
use crate::backend::Route;

impl Fault {
    /// Says what is wrong with a fault that came as data.
    pub(crate) fn check(&self, routes: &[Route]) -> Result<(), String> {
        if !routes.contains(&self.route) {
            let names: Vec<&str> = routes.iter().map(|route| route.as_str()).collect();
            return Err(format!("no route `{}` here; there are {}", self.route, names.join(", ")));
        }
        let selectors = [self.nth.is_some(), self.every.is_some(), self.share.is_some()];
        if selectors.into_iter().filter(|set| *set).count() > 1 {
            return Err("give one of `nth`, `every` and `share`".to_owned());
        }
        if self.nth == Some(0) || self.every == Some(0) || self.times == Some(0) {
            return Err("`nth`, `every` and `times` count from 1".to_owned());
        }
        if self.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("`share` lies between 0 and 1".to_owned());
        }
        self.check_answer()
    }

    fn check_answer(&self) -> Result<(), String> {
        let needs_status = matches!(self.kind, Kind::Reply | Kind::Html | Kind::Redirect);
        match (self.kind, self.status) {
            (_, None) if needs_status => return Err("this kind needs a `status`".to_owned()),
            (Kind::Redirect, Some(status)) if !(300..400).contains(&status) => {
                return Err("a redirect has a status from 300 to 399".to_owned());
            }
            (_, Some(status)) if !(200..600).contains(&status) => {
                return Err("`status` lies between 200 and 599".to_owned());
            }
            _ => {}
        }
        let texts = self.headers.values().chain(&self.location).chain(&self.content_type);
        let retry_after = match &self.retry_after {
            Some(RetryAfter::Text(text)) => Some(text),
            _ => None,
        };
        if texts.chain(retry_after).any(|text| http::HeaderValue::try_from(text).is_err()) {
            return Err("a header value holds a character that HTTP does not allow".to_owned());
        }
        match self.headers.keys().find(|name| http::HeaderName::try_from(name.as_str()).is_err()) {
            Some(name) => Err(format!("`{name}` is no header name")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_as_data_says_what_is_wrong_with_it() {
        let routes = [Route::Any, Route::Delete];
        let check = |json: &str| match serde_json::from_str::<Fault>(json) {
            Ok(fault) => fault.check(&routes),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(check(r#"{"kind":"reset","route":"delete","nth":2,"effect":true}"#), Ok(()));
        assert_eq!(check(r#"{"kind":"throttle","retry_after":{"http_date_in":7}}"#), Ok(()));
        for (json, told) in [
            (r#"{"kind":"explode"}"#, "unknown variant `explode`"),
            (r#"{"kind":"reset","rout":"delete"}"#, "unknown field `rout`"),
            (r#"{"kind":"reset","route":"token"}"#, "there are any, delete"),
            (r#"{"kind":"reply"}"#, "needs a `status`"),
            (r#"{"status":99}"#, "between 200 and 599"),
            (r#"{"kind":"redirect","status":200}"#, "from 300 to 399"),
            (r#"{"kind":"reset","nth":1,"every":2}"#, "one of"),
            (r#"{"kind":"reset","nth":0}"#, "count from 1"),
            (r#"{"kind":"reset","share":1.5}"#, "between 0 and 1"),
            (r#"{"status":503,"headers":{"a b":"c"}}"#, "no header name"),
            (r#"{"status":503,"retry_after":"1\r\nx: y"}"#, "does not allow"),
        ] {
            let error = check(json).unwrap_err();
            assert!(error.contains(told), "{json}: {error}");
        }
    }
}
