//! Which faults a vendor's fake takes.

use super::{Fault, Kind, RetryAfter};
use crate::Vendor;
use crate::backend::Route;

impl Fault {
    /// Checks that the fault can hit a call of this vendor and do what it says.
    pub(crate) fn check(&self, vendor: Vendor) -> Result<(), String> {
        let routes = vendor.routes();
        if !routes.contains(&self.route) {
            let names: Vec<&str> = routes.iter().map(|route| route.as_str()).collect();
            return Err(format!("{} has no route `{}`; it has {}", vendor.as_str(), self.route, names.join(", ")));
        }
        let selectors = [self.nth.is_some(), self.every.is_some(), self.share.is_some()];
        if selectors.into_iter().filter(|set| *set).count() > 1 {
            return Err("give one of `nth`, `every` and `share`".to_owned());
        }
        if self.nth == Some(0) || self.every == Some(0) || self.times == Some(0) {
            return Err("`nth`, `every` and `times` count from 1".to_owned());
        }
        if self.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("`share` is between 0 and 1".to_owned());
        }
        self.check_kind(vendor)?;
        self.check_texts()
    }

    fn check_kind(&self, vendor: Vendor) -> Result<(), String> {
        let takes_body = |route: &Route| matches!(route, Route::BulkDelete | Route::Token);
        let has_body = takes_body(&self.route) || (self.route == Route::Any && vendor.routes().iter().any(takes_body));
        let acts = self.effect == Some(true) || self.effect_after_ms.is_some();
        let problem = match (self.kind, self.status) {
            (Kind::Reply | Kind::Html | Kind::Redirect, None) => "this kind needs a `status`",
            (Kind::Redirect, Some(status)) if !(300..400).contains(&status) => {
                "a redirect has a status from 300 to 399"
            }
            (_, Some(status)) if !(200..600).contains(&status) => "`status` is between 200 and 599",
            (Kind::NoEffect, _) if acts => "`no_effect` never takes effect",
            (Kind::DropRequestBody, _) if !has_body => "requests of this route have no body",
            _ if self.effect.is_some() && self.effect_after_ms.is_some() => {
                "give one of `effect` and `effect_after_ms`"
            }
            _ if self.code.is_some() && !vendor.has_error_codes() => "this vendor's errors have no `code`",
            _ => return Ok(()),
        };
        Err(problem.to_owned())
    }

    fn check_texts(&self) -> Result<(), String> {
        let texts = self.headers.values().chain(&self.location).chain(&self.content_type);
        let retry_after = match &self.retry_after {
            Some(RetryAfter::Text(text)) => Some(text),
            _ => None,
        };
        if texts.chain(retry_after).any(|text| http::HeaderValue::try_from(text).is_err()) {
            return Err("a header value holds a character that HTTP does not allow".to_owned());
        }
        match self.headers.keys().find(|name| http::HeaderName::try_from(name.as_str()).is_err()) {
            Some(name) => Err(format!("`{name}` is not a header name")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_could_not_work_is_refused_with_the_reason() {
        let check = |json: &str| match serde_json::from_str::<Fault>(json) {
            Ok(fault) => fault.check(Vendor::Tavus),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(check(r#"{"kind":"reset","route":"delete","nth":2,"effect":true}"#), Ok(()));
        assert_eq!(check(r#"{"kind":"throttle","retry_after":{"http_date_in":7}}"#), Ok(()));
        for (json, reason) in [
            (r#"{"kind":"explode"}"#, "unknown variant `explode`"),
            (r#"{"kind":"reset","rout":"delete"}"#, "unknown field `rout`"),
            (r#"{"kind":"reset","route":"token"}"#, "it has any, delete"),
            (r#"{"kind":"reply"}"#, "needs a `status`"),
            (r#"{"status":99}"#, "between 200 and 599"),
            (r#"{"kind":"redirect","status":200}"#, "from 300 to 399"),
            (r#"{"kind":"reset","nth":1,"every":2}"#, "one of"),
            (r#"{"kind":"reset","nth":0}"#, "count from 1"),
            (r#"{"kind":"reset","share":1.5}"#, "between 0 and 1"),
            (r#"{"kind":"no_effect","effect":true}"#, "never takes effect"),
            (r#"{"kind":"no_effect","effect_after_ms":5}"#, "never takes effect"),
            (r#"{"kind":"drop_request_body"}"#, "have no body"),
            (r#"{"status":504,"effect":true,"effect_after_ms":5}"#, "one of"),
            (r#"{"status":429,"code":"A0021"}"#, "have no `code`"),
            (r#"{"status":503,"headers":{"a b":"c"}}"#, "not a header name"),
            (r#"{"status":503,"retry_after":"1\r\nx: y"}"#, "does not allow"),
        ] {
            let error = check(json).unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
        }
    }
}
